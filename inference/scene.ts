import { zonesOf } from '../domain/box.ts'
import { type Homography, placeOfBox } from '../domain/calibration.ts'
import type { PictureZone } from '../domain/camera.ts'
import type { Payload, SceneObject } from '../domain/observation.ts'
import { formatInstant, type Instant } from '../domain/time.ts'
import type { Detection } from './detector.ts'

/** What a model saw in one frame, ready for the journal: an observation of kind `scene` whose device is the camera. */
export interface Scene {
  camera: string
  at: Instant
  payload: Payload & { camera: string; model: string; objects: SceneObject[]; seq: number; boot: string }
}

export interface Look {
  camera: string
  at: Instant
  /** `<manifest id>@<first 12 digits of the file's SHA-256>` */
  model: string
  seq: number
  boot: string
}

/** Joins detections with their tracks (same order), the zones that they stand in, and where that is on the map if the camera is calibrated. */
export function sceneOf(
  { camera, at, model, seq, boot }: Look,
  detections: readonly Detection[],
  tracks: readonly string[],
  zones: readonly PictureZone[],
  ground: Homography | null = null,
): Scene {
  const objects = detections.map(
    ({ label, score, box }, index): SceneObject => ({ label, score, box: [...box], track: tracks[index], zones: zonesOf(box, zones), ...(ground && placeOfBox(ground, box)) }),
  )
  return { camera, at, payload: { at: formatInstant(at), camera, model, objects, seq, boot } }
}
