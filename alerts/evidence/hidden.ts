import type { Box, SceneObject } from '../../domain/observation.ts'
import type { Instant } from '../../domain/time.ts'
import type { Mask } from '../../drivers/ffmpeg-clip.ts'
import { isSubject, type Look } from './look.ts'

/** What of a picture is hidden. Boxes are fractions of it. */
export interface Hidden {
  vehicles: readonly Box[]
  /** What the alert is about: no vehicle beside it hides it, but people in front of it stay hidden. */
  subject: readonly Box[]
  people: readonly Box[]
  /** Labels of what is hidden, and of what was taken for neither person nor vehicle. */
  labels: readonly string[]
  left: readonly string[]
  /** Nobody had looked: all of it is hidden. */
  all: boolean
}

/** Cells of a mask: fine enough for a plate, coarse enough to be written for every second of a clip. */
const [COLUMNS, ROWS] = [160, 90]
/** A box is drawn close to the thing; this share of it more on every side. */
const MARGIN = 0.1
/** Between two looks further apart than this, where people are is not known. */
export const GAP_MS = 2500

const PEOPLE = new Set([
  'person',
  'people',
  'pedestrian',
  'man',
  'woman',
  'child',
  'face',
  'head',
  'rider',
  'cyclist',
  'worker',
  'vendor',
  'wheeler',
  'bicycle',
  'motorcycle',
  'bike',
])
const VEHICLES = new Set(['car', 'truck', 'bus', 'van', 'vehicle', 'taxi', 'tricycle', 'plate', 'train', 'trailer', 'lorry'])
const PEOPLE_ZH = /人|脸|骑|工|单车|电动/
const VEHICLES_ZH = /车|牌/

/** A person or somebody's face; a vehicle, which bears a plate; or neither. */
export function sortOf(label: string): 'person' | 'vehicle' | 'other' {
  const words = label.toLowerCase().split(/[^a-z]+/)
  if (words.some((word) => PEOPLE.has(word)) || PEOPLE_ZH.test(label)) return 'person'
  return words.some((word) => VEHICLES.has(word)) || VEHICLES_ZH.test(label) ? 'vehicle' : 'other'
}

/**
 * What to hide of a picture taken at `at`: every person, and every vehicle but the one that the alert is about, wherever they may
 * have been between the looks before and after. Other vehicles are hidden whole, since where on them the plate is, is not known.
 */
export function hiddenAt(looks: readonly Look[], at: Instant, key: string): Hidden {
  const before = looks.findLast((look) => look.at <= at)
  const after = before?.at === at ? before : looks.find((look) => look.at > at)
  if (!before || !after || after.at - before.at > GAP_MS) return { vehicles: [], subject: [], people: [], labels: [], left: [], all: true }
  const objects = before === after ? before.objects : [...before.objects, ...after.objects, ...between(before.objects, after.objects)]
  const others = objects.filter((object) => !isSubject(object, key))
  const boxesOf = (sort: ReturnType<typeof sortOf>): Box[] => others.filter(({ label }) => sortOf(label) === sort).map(({ box }) => wider(box))
  const labelsOf = (plain: boolean): string[] => [...new Set(others.filter(({ label }) => (sortOf(label) === 'other') === plain).map(({ label }) => label))]
  return {
    vehicles: boxesOf('vehicle'),
    subject: objects.filter((object) => isSubject(object, key)).map(({ box }) => box),
    people: boxesOf('person'),
    labels: labelsOf(false),
    left: labelsOf(true),
    all: false,
  }
}

/** Boxes around the way of each track from one look to the next. */
function between(before: readonly SceneObject[], after: readonly SceneObject[]): SceneObject[] {
  return before.flatMap((object) => {
    const next = object.track === undefined ? undefined : after.find(({ track }) => track === object.track)
    if (!next) return []
    const [x, y] = [Math.min(object.box[0], next.box[0]), Math.min(object.box[1], next.box[1])]
    const right = Math.max(object.box[0] + object.box[2], next.box[0] + next.box[2])
    const bottom = Math.max(object.box[1] + object.box[3], next.box[1] + next.box[3])
    return [{ ...object, box: [x, y, right - x, bottom - y] }]
  })
}

function wider([x, y, w, h]: Box): Box {
  return [x - w * MARGIN, y - h * MARGIN, w * (1 + 2 * MARGIN), h * (1 + 2 * MARGIN)]
}

export function maskOf({ vehicles, subject, people, all }: Hidden): Mask {
  const cells = new Uint8Array(COLUMNS * ROWS).fill(all ? 255 : 0)
  for (const box of vehicles) fill(cells, box, 255)
  for (const box of subject) fill(cells, box, 0)
  for (const box of people) fill(cells, box, 255)
  return { width: COLUMNS, height: ROWS, cells }
}

/** Every cell that the box touches. */
function fill(cells: Uint8Array, [x, y, w, h]: Box, value: number): void {
  const within = (share: number, most: number): number => Math.min(most, Math.max(0, share))
  const [left, right] = [within(Math.floor(x * COLUMNS), COLUMNS), within(Math.ceil((x + w) * COLUMNS), COLUMNS)]
  for (let row = within(Math.floor(y * ROWS), ROWS); row < within(Math.ceil((y + h) * ROWS), ROWS); row++) cells.fill(value, row * COLUMNS + left, row * COLUMNS + right)
}
