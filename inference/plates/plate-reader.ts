import { areaShare, centre } from '../../domain/box.ts'
import { type CodedError, messageOf } from '../../domain/errors.ts'
import type { Box, SceneObject } from '../../domain/observation.ts'
import { type Instant, MINUTE } from '../../domain/time.ts'
import type { Size } from '../letterbox.ts'
import { openPicture, type Whole } from '../picture.ts'
import type { Reading } from '../reader.ts'
import type { LoadedReader, Sessions } from '../sessions.ts'
import { sharpness } from './sharpness.ts'
import { type Plate, PlateVotes } from './votes.ts'

/** The label of a plate that clear looks show and nobody can read; rules ask for it (muck-plate-hidden). */
export const HIDDEN = 'plate-hidden'

/** A plate narrower than this (pixels) is not missed when it is not read; one narrower still is not tried. */
const CLEAR_WIDTH = 100
const LEAST_WIDTH = 40
/** Below this a picture is blurred (sharpness.ts): plates that could just be read had 46 and more, those that could not 11 and less. */
const SHARP = 40
/** Plates that are read in one look, those that are least known first: a full street must not hold up the next frame. */
const PER_LOOK = 4
/** What was not seen for so long has gone. */
const GONE_MS = MINUTE
/** A plate of two lines is less than so many times as wide as high; one line is three times as wide. */
const TWO_LINES = 2.4

export interface PlateReaderOptions {
  sessions: Sessions
  /** Id of the reader's manifest. */
  reader: string
  /** It cannot be used, or a picture could not be read; scenes go on without plates. */
  onTrouble(why: string): void
}

/** One look. `jpeg`: the picture, if it is at hand; `signal`: its plates are waited for no longer. */
export interface PlateLook {
  at: Instant
  jpeg: Uint8Array | null
  objects: readonly SceneObject[]
  signal?: AbortSignal
}

interface Asked extends LoadedReader {
  signal: AbortSignal | undefined
}

interface Known {
  votes: PlateVotes
  seenAt: Instant
}

/**
 * Second stage of one camera: reads the plates that its model has boxed and puts what their looks have come to on the plate
 * and on the vehicle that bears it. A plate that cannot be read in five clear looks is relabelled `plate-hidden`.
 */
export class PlateReader {
  readonly #options: PlateReaderOptions
  readonly #known = new Map<string, Known>()
  readonly #loading: Promise<LoadedReader | null>
  readonly #held: Promise<void>
  #release: () => void = () => undefined

  constructor(options: PlateReaderOptions) {
    this.#options = options
    const loading = Promise.withResolvers<LoadedReader | null>()
    const released = Promise.withResolvers<void>()
    this.#loading = loading.promise
    this.#release = released.resolve
    this.#held = options.sessions
      .withReader(options.reader, (loaded) => {
        loading.resolve(loaded)
        return released.promise
      })
      .catch((error: CodedError) => {
        options.onTrouble(messageOf(error))
        loading.resolve(null)
      })
  }

  /** The objects of one look with their plates and colours, as far as they are known. */
  async read({ at, jpeg, objects, signal }: PlateLook): Promise<SceneObject[]> {
    const loaded = await this.#loading
    if (!loaded) return [...objects]
    for (const [track, { seenAt }] of this.#known) if (at - seenAt > GONE_MS) this.#known.delete(track)
    const bearers = bearersOf(objects, loaded.file.manifest.reads)
    for (const { track } of objects) if (track !== undefined) this.#seen(track, at)
    if (jpeg && bearers.size > 0) await this.#look(jpeg, bearers, { ...loaded, signal }, at).catch((error: unknown) => this.#options.onTrouble(messageOf(error)))
    return objects.map((object) => this.#named(object, bearers))
  }

  /** Lets go of the model. */
  async close(): Promise<void> {
    this.#release()
    await this.#held
  }

  async #look(jpeg: Uint8Array, bearers: ReadonlyMap<SceneObject, string>, loaded: Asked, at: Instant): Promise<void> {
    const open = [...bearers].map(([plate, track]) => ({ plate, votes: this.#votesOf(track, loaded, at) })).filter(({ votes }) => !votes.settled)
    if (open.length === 0) return
    const whole = await openPicture(jpeg)
    const large = open.filter(({ plate }) => whole.pixels(plate.box).width >= LEAST_WIDTH).toSorted((a, b) => areaShare(b.plate.box) - areaShare(a.plate.box))
    for (const { plate, votes } of large.slice(0, PER_LOOK)) {
      const reading = await readPlate(whole, plate.box, loaded)
      if (reading) votes.add({ reading, clear: await isClear(whole, plate.box) })
    }
  }

  #votesOf(track: string, { file: { manifest } }: LoadedReader, at: Instant): PlateVotes {
    const known = this.#known.get(track) ?? {
      votes: new PlateVotes({ score: manifest.score, pattern: manifest.pattern === undefined ? null : new RegExp(manifest.pattern, 'u') }),
      seenAt: at,
    }
    this.#known.set(track, known)
    return known.votes
  }

  #seen(track: string, at: Instant): void {
    const known = this.#known.get(track)
    if (known) known.seenAt = at
  }

  #named(object: SceneObject, bearers: ReadonlyMap<SceneObject, string>): SceneObject {
    const votes = this.#known.get(bearers.get(object) ?? object.track ?? '')?.votes
    const plate: Plate | null = votes?.plate() ?? null
    if (plate) return { ...object, plate: plate.text, ...(plate.colour !== null && { colour: plate.colour }) }
    return votes?.hidden && bearers.has(object) ? { ...object, label: HIDDEN } : object
  }
}

/** Each plate with the track under which its looks are counted: that of the vehicle around it, else its own. */
function bearersOf(objects: readonly SceneObject[], reads: readonly string[]): Map<SceneObject, string> {
  const bearers = new Map<SceneObject, string>()
  for (const plate of objects) {
    if (!reads.includes(plate.label)) continue
    const [x, y] = centre(plate.box)
    const around = objects.filter(({ label, box }) => !reads.includes(label) && box[2] > plate.box[2] && within(x, y, box))
    const [vehicle] = around.toSorted((a, b) => areaShare(a.box) - areaShare(b.box))
    const track = vehicle?.track ?? plate.track
    if (track !== undefined) bearers.set(plate, track)
  }
  return bearers
}

function within(x: number, y: number, box: Box): boolean {
  return x >= box[0] && x <= box[0] + box[2] && y >= box[1] && y <= box[1] + box[3]
}

/** Reads a plate as one line, and one that is high enough for two also as two; the more certain reading counts. */
async function readPlate(whole: Whole, box: Box, { file, session, signal }: Asked): Promise<Reading | undefined> {
  const { input } = file.manifest
  const { width, height } = whole.pixels(box)
  const crops = [whole.part(box, input), ...(width < TWO_LINES * height ? [joinedLines(whole, box, input)] : [])]
  const readings: Reading[] = []
  for (const crop of await Promise.all(crops)) {
    if (!crop) continue
    const read = await session.infer(crop, input, 0, signal)
    if ('reading' in read) readings.push(read.reading)
  }
  const least = ({ certainties }: Reading) => (certainties.length === 0 ? 0 : Math.min(...certainties))
  return readings.toSorted((a, b) => least(b) - least(a))[0]
}

/** The two lines of a plate side by side, as the readers of one line are trained on them; the lines overlap a little. */
async function joinedLines(whole: Whole, [x, y, w, h]: Box, { width, height }: Size): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const half = Math.floor(width / 2)
  const [upper, lower] = await Promise.all([
    whole.part([x, y, w, (h * 5) / 12], { width: half, height }),
    whole.part([x, y + h / 3, w, (h * 2) / 3], { width: width - half, height }),
  ])
  if (!upper || !lower) return undefined
  const joined = new Uint8Array(width * height * 3)
  for (let line = 0; line < height; line++) {
    joined.set(upper.subarray(line * half * 3, (line + 1) * half * 3), line * width * 3)
    joined.set(lower.subarray(line * (width - half) * 3, (line + 1) * (width - half) * 3), (line * width + half) * 3)
  }
  return joined
}

/** Whether a clean plate would be read here. What lies around it is judged: a plate that is hidden has no edges of its own. */
async function isClear(whole: Whole, [x, y, w, h]: Box): Promise<boolean> {
  if (whole.pixels([x, y, w, h]).width < CLEAR_WIDTH) return false
  const around: Box = [x - h / 2, y - h, w + h, 3 * h]
  const size = whole.pixels(around)
  const rgb = await whole.part(around, size)
  return rgb !== undefined && sharpness(rgb, size) >= SHARP
}
