import type { PictureZone } from '../../domain/camera.ts'
import type { Box, SceneObject } from '../../domain/observation.ts'
import type { Appearance } from './appearance.ts'
import { CLOSED, type CoverVerdict, coverAt, isCrowded, MISSING, SHIFT, SHIFTED, sizesApart } from './cover-place.ts'
import { Surroundings } from './surroundings.ts'
import type { PastLook } from './tracker.ts'

/** Zones of this type show the place of a cover. */
export const COVER = 'cover'

/** So many looks must have shown it closed at one place before the place is known … */
const LEARNT = 10
/** … and this share of the looks at it, of late: what a model overlooks now and then is not missing when it does. */
const RELIABLE = 0.9
const NEWEST = 0.05
/** So many looks in a row must not show it. */
const CONFIRM = 3

interface Known {
  /** Of the zone as it was then: one that is redrawn shows another place. */
  polygon: string
  box: Box
  /** How sure the model is of it, on average. */
  score: number
  /** Looks that showed it closed here. */
  looks: number
  reliable: number
  /** Looks in a row, until now, that should have shown it and did not. */
  misses: number
  /** Another cover lies beside it: whose lid has moved is not known. */
  crowded: boolean
}

/** A camera's look: what was seen, how the picture looks, and from which score on the model means it. */
export interface CoverLook {
  objects: readonly SceneObject[]
  glance: Appearance | null
  strong: number
}

/**
 * Judges covers by their places, in zones of type `cover` that show one: the place is where the model has seen the cover closed. When its
 * lid lies beside it, `cover-shifted` is put into the scene, and when nothing of a cover is seen any more though all around is,
 * `cover-missing`; at the place, so that it is that cover's, and the same one when it lies there again. Its state is a function of the looks.
 */
export class CoverPlaces {
  readonly #known = new Map<string, Known>()
  #surroundings = new Surroundings()

  /** The objects with what is to be said of covers by their place. `placed`: where on the map a box is, if the camera is calibrated. */
  judge(look: CoverLook, zones: readonly PictureZone[], placed: (box: Box) => object): SceneObject[] {
    const objects = [...look.objects]
    for (const zone of zones) {
      // A model that tells such things itself is believed.
      if (zone.type !== COVER || look.objects.some((object) => isTold(object, zone))) continue
      const known = this.#of(zone)
      if (!known) this.#begin(zone, look)
      else objects.push(...this.#said(zone.id, known, this.#verdict(known, look)).map((said) => ({ ...said, ...placed(known.box) })))
    }
    return objects
  }

  /** What the last look of an earlier run said goes on: a lid beside its place must not be taken for one that lies in its place. */
  restore(look: PastLook | undefined, zones: readonly PictureZone[]): void {
    for (const zone of zones) {
      const found = look?.objects.find((object) => isTold(object, zone) && isOwn(object, zones))
      if (!found) continue
      this.#known.set(zone.id, { ...newPlace(zone, found), looks: LEARNT, misses: CONFIRM })
    }
  }

  /** The camera looks elsewhere now. */
  forget(): void {
    this.#known.clear()
    this.#surroundings = new Surroundings()
  }

  #of(zone: PictureZone): Known | undefined {
    const known = this.#known.get(zone.id)
    if (known?.polygon === polygonOf(zone)) return known
    this.#known.delete(zone.id)
    return undefined
  }

  #begin(zone: PictureZone, { objects, strong, glance }: CoverLook): void {
    const closed = objects.filter(({ label, score, zones }) => label === CLOSED && score >= strong && zones?.includes(zone.id))
    const [only] = closed
    if (!only || closed.length > 1) return
    this.#known.set(zone.id, newPlace(zone, only))
    if (glance) this.#surroundings.learn(glance)
  }

  #verdict(known: Known, { objects, glance, strong }: CoverLook): CoverVerdict {
    const verdict = coverAt(known.box, objects, strong)
    if (verdict.is === 'there') {
      if (glance) this.#surroundings.learn(glance)
      known.crowded ||= isCrowded(known.box, objects, strong)
      note(known, objects, strong)
      return verdict
    }
    if (verdict.is !== 'gone') return verdict
    return glance && (known.misses >= CONFIRM || this.#surroundings.areSeen(glance, known.box)) ? verdict : { is: 'unclear' }
  }

  /** What is to be put into the scene. */
  #said(zone: string, known: Known, verdict: CoverVerdict): SceneObject[] {
    const isKnown = known.looks >= LEARNT
    const at = (label: string, score: number): SceneObject[] => [{ label, score, box: [...known.box], track: zone, zones: [zone] }]
    switch (verdict.is) {
      case 'there':
      case 'unclear':
        return []
      case 'shifted':
        // It was not its place yet.
        if (!isKnown) this.#known.delete(zone)
        return isKnown && !known.crowded ? at(SHIFTED, verdict.lid.score) : []
      case 'gone':
        known.misses++
        return isKnown && known.misses >= CONFIRM && known.reliable >= RELIABLE ? at(MISSING, known.score) : []
    }
  }
}

/** Whether the object was put into a scene here: it bears the name of its zone, which no tracker gives. */
export function isOwn({ track }: Pick<SceneObject, 'track'>, zones: readonly PictureZone[]): boolean {
  return zones.some(({ id, type }) => type === COVER && id === track)
}

function isTold({ label, zones }: Pick<SceneObject, 'label' | 'zones'>, { id, type }: PictureZone): boolean {
  return type === COVER && (label === SHIFTED || label === MISSING) && zones?.includes(id) === true
}

function newPlace(zone: PictureZone, { box, score }: Pick<SceneObject, 'box' | 'score'>): Known {
  return { polygon: polygonOf(zone), box, score, looks: 1, reliable: 1, misses: 0, crowded: false }
}

function polygonOf({ polygon }: PictureZone): string {
  return JSON.stringify(polygon)
}

/** It was seen at its place. Looks that did not show it although it was there say how far the model is to be trusted. */
function note(known: Known, objects: readonly SceneObject[], strong: number): void {
  for (let missed = 0; missed < Math.min(known.misses, 1 / NEWEST); missed++) known.reliable -= NEWEST * known.reliable
  known.misses = 0
  known.reliable += NEWEST * (1 - known.reliable)
  const seen = objects.find(({ label, score, box }) => label === CLOSED && score >= strong && sizesApart(box, known.box) <= SHIFT)
  if (!seen) return
  known.looks++
  const share = Math.max(1 / known.looks, NEWEST)
  known.score += share * (seen.score - known.score)
  if (known.looks <= LEARNT) known.box = known.box.map((side, i) => side + share * ((seen.box[i] as number) - side)) as unknown as Box
}
