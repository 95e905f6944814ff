import { type Calibration, type Homography, homographyOf, placeOfBox } from '../domain/calibration.ts'
import type { PictureZone } from '../domain/camera.ts'
import { messageOf } from '../domain/errors.ts'
import { MAX_OBJECTS } from '../domain/observation.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import type { Instant } from '../domain/time.ts'
import type { Detection } from './detector.ts'
import type { Log } from './log.ts'
import { type Manifest, type ModelInput, modelName } from './models/manifest.ts'
import { PlateReader } from './plates/plate-reader.ts'
import { type Scene, sceneOf } from './scene.ts'
import type { Sessions } from './sessions.ts'
import type { Frame } from './sources/frame.ts'
import type { Appearance } from './tracking/appearance.ts'
import { COVER, CoverPlaces, isOwn } from './tracking/cover-places.ts'
import { NewThings } from './tracking/new-things.ts'
import { type PastLook, Tracker, type TrackOptions } from './tracking/tracker.ts'

export interface RecorderOptions {
  camera: string
  /** Names this run of the platform: prefix of track ids, `boot` of the scenes. */
  run: string
  sessions: Sessions
  /** Resolves when the scene is recorded. */
  emit(scene: Scene): Promise<void>
  stills?: StillWriter | undefined
  /** The last looks that an earlier run recorded, in order of time; asked once. */
  past?(): Promise<readonly PastLook[]>
  log: Log
}

export interface Seen {
  detections: readonly Detection[]
  /** Of this very frame. */
  glance: Appearance | null
  manifest: Manifest
  zones: readonly PictureZone[]
  calibration: Calibration | null
  /** Id of the model that reads plates; null: nobody does. */
  reader: string | null
  /** A track not seen for so long is over. */
  maxAgeMs: number
  /** The camera is stopped: plates are waited for no longer. */
  signal: AbortSignal
}

/** Turns what a model saw in the frames of one camera into scenes, and has them recorded in order. */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #tracker: Tracker
  readonly #newThings = new NewThings()
  readonly #covers = new CoverPlaces()
  #past: Promise<readonly PastLook[]> | undefined
  #restored = false
  #ground: { calibration: Calibration; homography: Homography | null } | undefined
  #seq = 0
  #plates: { id: string; reader: PlateReader } | undefined

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#tracker = new Tracker(options.run)
  }

  /** What the frame looks like; asked before its pixels are given away to the model. */
  glance(frame: Frame, input: ModelInput, zones: readonly PictureZone[]): Appearance | null {
    return this.#newThings.glance(frame, input, zones)
  }

  /** Throws when the scene could not be recorded. */
  async record(frame: Frame, { detections, glance, manifest, zones, calibration, reader, maxAgeMs, signal }: Seen): Promise<Scene> {
    const { camera, run, emit } = this.#options
    const { at, jpeg } = frame
    const tracking = { strong: manifest.score, maxAgeMs }
    if (!this.#restored) await this.#restore(tracking, zones)
    const meant = detections.filter(({ score }) => score >= manifest.score)
    const found = this.#newThings.find(at, glance, zones, meant)
    const room = MAX_OBJECTS - found.length - zones.filter(({ type }) => type === COVER).length
    const seen = [...detections.slice(0, room), ...found]
    const tracks = this.#tracker.update(at, seen, tracking)
    const ground = this.#groundOf(calibration)
    const scene = sceneOf({ camera, at, model: modelName(manifest), seq: this.#seq++, boot: run }, seen, tracks, zones, ground)
    const look = { objects: scene.payload.objects, glance, strong: manifest.score }
    scene.payload.objects = this.#covers.judge(look, zones, (box) => (ground && placeOfBox(ground, box)) ?? {})
    const plates = await this.#platesBy(reader)
    if (plates) scene.payload.objects = await plates.read({ at, jpeg, objects: scene.payload.objects, signal })
    // First the picture, then the scene: whoever hears of the scene finds its evidence.
    if (jpeg) await this.#keepStill(at, jpeg)
    await emit(scene)
    return scene
  }

  /** Lets go of the model that reads plates; the next frame takes it up again. */
  async close(): Promise<void> {
    await this.#platesBy(null)
  }

  /** The camera looks elsewhere now: no track goes on. */
  forget(): void {
    this.#past = Promise.resolve([])
    this.#tracker.forget()
    this.#newThings.forget()
    this.#covers.forget()
  }

  /** Event time of the last look that an earlier run recorded of what the camera still looks at; null: there is none. */
  async pastAt(): Promise<Instant | null> {
    return (await this.#looksBefore()).at(-1)?.at ?? null
  }

  async #restore(tracking: TrackOptions, zones: readonly PictureZone[]): Promise<void> {
    this.#restored = true
    const looks = await this.#looksBefore()
    this.#tracker.restore(
      looks.map(({ at, objects }) => ({ at, objects: objects.filter((object) => !isOwn(object, zones)) })),
      tracking,
    )
    this.#covers.restore(looks.at(-1), zones)
  }

  #looksBefore(): Promise<readonly PastLook[]> {
    const { camera, past, log } = this.#options
    this.#past ??= (past?.() ?? Promise.resolve([])).catch((error: unknown) => {
      log.warn({ camera }, `the last looks of the run before cannot be read: ${messageOf(error)}`)
      return []
    })
    return this.#past
  }

  #groundOf(calibration: Calibration | null): Homography | null {
    if (calibration === null) return null
    if (this.#ground?.calibration !== calibration) this.#ground = { calibration, homography: this.#homographyOf(calibration) }
    return this.#ground.homography
  }

  /** Without a place on the map a scene is still a scene. */
  #homographyOf(calibration: Calibration): Homography | null {
    try {
      return homographyOf(calibration)
    } catch (error) {
      this.#options.log.warn({ camera: this.#options.camera }, `the calibration cannot be used: ${messageOf(error)}`)
      return null
    }
  }

  async #platesBy(id: string | null): Promise<PlateReader | undefined> {
    if (this.#plates?.id === (id ?? undefined)) return this.#plates?.reader
    const before = this.#plates
    const { sessions, camera, log } = this.#options
    const onTrouble = (why: string) => log.warn({ camera }, `plates are not read: ${why}`)
    this.#plates = id === null ? undefined : { id, reader: new PlateReader({ sessions, reader: id, onTrouble }) }
    await before?.reader.close()
    return this.#plates?.reader
  }

  async #keepStill(at: Instant, jpeg: Uint8Array): Promise<void> {
    const { camera, stills, log } = this.#options
    try {
      await stills?.put(camera, at, jpeg)
    } catch (error) {
      // An alert without a picture is better than no alert.
      log.warn({ camera }, `still not kept: ${messageOf(error)}`)
    }
  }
}
