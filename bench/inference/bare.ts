import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { findModel } from '../../inference/models/manifest.ts'
import { given } from '../given.ts'
import { MODEL, MODELS } from './material.ts'

/** ONNX Runtime alone: the same model and threads, on a tensor that is ready, over and over. Prints `{framesPerSecond}`. */
const { seconds, threads } = given({ seconds: 10, threads: 1 })
const { manifest, path } = await findModel(MODEL, MODELS)
const session = await InferenceSession.create(readFileSync(path), {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
})
const { name, width, height } = manifest.input
const feeds = { [name]: new Tensor('float32', new Float32Array(3 * width * height).fill(114), [1, 3, height, width]) }
for (let warm = 0; warm < 10; warm++) await session.run(feeds)
const begun = performance.now()
let frames = 0
for (; performance.now() - begun < seconds * 1000; frames++) await session.run(feeds)
process.stdout.write(`${JSON.stringify({ framesPerSecond: (frames * 1000) / (performance.now() - begun) })}\n`)
