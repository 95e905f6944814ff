import { parentPort, workerData } from 'node:worker_threads'
import { CodedError, messageOf } from '../domain/errors.ts'
import { type Detection, openModel } from './detector.ts'
import type { Size } from './letterbox.ts'
import type { AnyManifest, ModelFile } from './models/manifest.ts'
import type { Device } from './onnx.ts'
import { openReader, type Reading } from './reader.ts'

/** One model in one thread. */
export interface SessionData {
  file: ModelFile<AnyManifest>
  threads: number
  device: Device
  /** Shared: 1 while the thread is inside the runtime's own code, where ending it would end the whole process. */
  inside: Int32Array
}
/** A picture for the model, at the size of its input. */
export interface Picture {
  rgb: Uint8Array<ArrayBuffer>
  picture: Size
  floor: number
}
export interface Ask {
  id: number
  pictures: Picture[]
  /** Nothing more will come: the thread ends when it has done what it is doing. */
  close?: boolean
}
/** What a model makes of one picture. */
export type Answer = { detections: Detection[] } | { reading: Reading }
export type Tell =
  | { what: 'ready'; batches: boolean; device: Device; fallback: string | null }
  /** The model cannot be used, now or later. */
  | { what: 'unusable'; code: 'model.invalid' | 'model.dead'; why: string }
  /** `still`: differing pictures in a row for which every score was the same. */
  | { what: 'answers'; id: number; answers: Answer[]; still: number }
  | { what: 'failed'; id: number; why: string }

const port = parentPort
if (!port) throw new Error('session.worker.ts runs as a worker thread')
const tell = (message: Tell) => port.postMessage(message)

interface Opened {
  batches: boolean
  device: Device
  fallback: string | null
  answer(pictures: readonly Picture[]): Promise<Answer[]>
  still(): number
  close(): Promise<void>
}

async function open({ file: { manifest, path }, threads, device }: SessionData): Promise<Opened> {
  if (manifest.kind === 'reader') {
    const reader = await openReader({ manifest, path }, { threads, device })
    const answer = async ([picture]: readonly Picture[]) => (picture ? [{ reading: await reader.read(picture.rgb) }] : [])
    return { ...reader, batches: false, answer }
  }
  const model = await openModel({ manifest, path }, { threads, device })
  return { ...model, answer: async (pictures) => (await model.detect(pictures)).map((detections) => ({ detections })) }
}

const data = workerData as SessionData

async function inside<T>(work: () => Promise<T>): Promise<T> {
  Atomics.store(data.inside, 0, 1)
  try {
    return await work()
  } finally {
    Atomics.store(data.inside, 0, 0)
  }
}

async function take({ answer, still, close }: Opened, ask: Ask): Promise<void> {
  if (ask.close) {
    await inside(close)
    port?.close()
    return
  }
  try {
    const answers = await inside(() => answer(ask.pictures))
    tell({ what: 'answers', id: ask.id, answers, still: still() })
  } catch (error) {
    tell({ what: 'failed', id: ask.id, why: messageOf(error) })
  }
}

try {
  const opened = await inside(() => open(data))
  // One after another: the next lies here ready while this one is at work.
  let turn = Promise.resolve()
  port.on('message', (ask: Ask) => {
    turn = turn.then(() => take(opened, ask))
  })
  const { batches, device, fallback } = opened
  tell({ what: 'ready', batches, device, fallback })
} catch (error) {
  if (!(error instanceof CodedError)) throw error
  tell({ what: 'unusable', code: error.code === 'model.dead' ? 'model.dead' : 'model.invalid', why: error.message })
}
