import { parentPort, workerData } from 'node:worker_threads'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { Size } from './letterbox.ts'
import type { ModelFile } from './models/manifest.ts'
import { type Detection, openModel } from './onnx.ts'

/** One model in one thread: pictures come and go as they are, without being copied. */
export interface SessionData {
  file: ModelFile
  threads: number
}
export interface Ask {
  id: number
  rgb: Uint8Array<ArrayBuffer>
  picture: Size
  floor: number
}
export type Tell =
  | { what: 'ready' }
  /** The model cannot be used, now or later. */
  | { what: 'invalid'; why: string }
  | { what: 'detections'; id: number; detections: Detection[] }
  | { what: 'failed'; id: number; why: string }

const port = parentPort
if (!port) throw new Error('session.worker.ts runs as a worker thread')
const tell = (message: Tell) => port.postMessage(message)

const { file, threads } = workerData as SessionData
try {
  const model = await openModel(file, threads)
  port.on('message', ({ id, rgb, picture, floor }: Ask) => {
    model.detect(rgb, picture, floor).then(
      (detections) => tell({ what: 'detections', id, detections }),
      (error: unknown) => tell({ what: 'failed', id, why: messageOf(error) }),
    )
  })
  tell({ what: 'ready' })
} catch (error) {
  if (!(error instanceof CodedError)) throw error
  tell({ what: 'invalid', why: error.message })
}
