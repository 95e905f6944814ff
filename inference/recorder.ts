import type { PictureZone } from '../domain/camera.ts'
import { messageOf } from '../domain/errors.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import type { Instant } from '../domain/time.ts'
import type { Detection } from './detector.ts'
import { type Manifest, modelName } from './models/manifest.ts'
import { type Scene, sceneOf } from './scene.ts'
import type { Frame } from './sources/frame.ts'
import { Tracker } from './tracking/tracker.ts'
import type { Log } from './watch.ts'

export interface RecorderOptions {
  camera: string
  /** Names this run of the platform: prefix of track ids, `boot` of the scenes. */
  run: string
  /** Resolves when the scene is recorded. */
  emit(scene: Scene): Promise<void>
  stills?: StillWriter | undefined
  log: Log
}

export interface Seen {
  detections: readonly Detection[]
  manifest: Manifest
  zones: readonly PictureZone[]
  /** A track not seen for so long is over. */
  maxAgeMs: number
}

/** Turns what a model saw in the frames of one camera into scenes, and has them recorded in order. */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #tracker: Tracker
  #seq = 0

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#tracker = new Tracker(options.run)
  }

  /** Throws when the scene could not be recorded. */
  async record({ at, jpeg }: Frame, { detections, manifest, zones, maxAgeMs }: Seen): Promise<Scene> {
    const { camera, run, emit } = this.#options
    const tracks = this.#tracker.update(at, detections, { strong: manifest.score, maxAgeMs })
    const scene = sceneOf({ camera, at, model: modelName(manifest), seq: this.#seq++, boot: run }, detections, tracks, zones)
    // First the picture, then the scene: whoever hears of the scene finds its evidence.
    if (jpeg) await this.#keepStill(at, jpeg)
    await emit(scene)
    return scene
  }

  /** The camera looks elsewhere now: no track goes on. */
  forget(): void {
    this.#tracker.forget()
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
