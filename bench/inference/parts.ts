import { readFrames } from '../../drivers/ffmpeg-frames.ts'
import { type Detection, openModel } from '../../inference/detector.ts'
import { decode as decodeHead, HEADS } from '../../inference/heads/head.ts'
import { fitFilter, placePicture } from '../../inference/letterbox.ts'
import { findModel } from '../../inference/models/manifest.ts'
import { suppress } from '../../inference/nms.ts'
import { Gate } from '../../inference/schedule/gate.ts'
import { lumaSampler } from '../../inference/schedule/luma.ts'
import { tensorFiller } from '../../inference/tensor.ts'
import { Tracker } from '../../inference/tracking/tracker.ts'
import { given } from '../given.ts'
import { MODEL, MODELS, VIDEO } from './material.ts'

/** Where the time of one frame goes, each part alone, in ms: what overlaps in the path does not overlap here. Of decoding, which ffmpeg does, the clock's time. Prints them. */
const { threads } = given({ threads: 1 })
const FRAMES = 200
const { manifest, path } = await findModel(MODEL, MODELS)
const { input } = manifest
const request = {
  input: { type: 'video' as const, path: VIDEO.path, loop: false, realtime: false },
  ...{ fps: VIDEO.fps, width: input.width, height: input.height, filter: fitFilter(input.fit, input, input.padValue) },
  ...{ still: { every: Math.round(VIDEO.fps), maxWidth: 1280 }, stallMs: 10_000 },
}
const frames: Uint8Array<ArrayBuffer>[] = []
let picture = { width: 0, height: 0 }
const begun = performance.now()
for await (const frame of readFrames(request, AbortSignal.timeout(60_000))) {
  frames.push(frame.rgb)
  picture = frame.picture
  if (frames.length === FRAMES) break
}
const decode = (performance.now() - begun) / frames.length

const model = await openModel({ manifest, path }, { threads })
const tensor = new Float32Array(3 * input.width * input.height)
const fill = tensorFiller(input)
const detected: Detection[][] = []
for (const rgb of frames) detected.push((await model.detect([{ rgb, picture, floor: 0.1 }]))[0] ?? [])
const whole = await each((rgb) => model.detect([{ rgb, picture, floor: 0.1 }]))
const filled = await each((rgb) => fill(rgb, tensor))
// The head's share on an output of the right shape in which, as in most of a real one, nothing is.
const rows = (input.width / 8) ** 2 + (input.width / 16) ** 2 + (input.width / 32) ** 2
const output = [{ dims: [1, rows, 85], data: new Float32Array(rows * 85).fill(0.01) }]
const head = await each(() => suppress(decodeHead(HEADS[manifest.head], output, input, 0.1).candidates, manifest.iou, 300))
const luma = lumaSampler(input.width, placePicture(input.fit, picture, input))
const gate = new Gate({ share: 0.01, floor: 10 })
const standing = { zones: null, occupied: false, holdMs: 0, sinceLookMs: 0, frameMs: 80, everyMs: 30_000 }
const gated = await each((rgb, index) => gate.judge(index * 80, luma(rgb), [], standing))
const tracker = new Tracker('bench')
const track = await each((_, index) => tracker.update(index * 80, detected[index] ?? [], { strong: manifest.score, maxAgeMs: 10_000 }))
await model.close()
process.stdout.write(`${JSON.stringify({ decodeMs: decode, gateMs: gated, tensorMs: filled, runMs: whole - filled - head, headMs: head, trackMs: track })}\n`)

/** CPU time of this process for each frame, ms: what else runs on the machine makes it wait, not work. */
async function each(work: (rgb: Uint8Array<ArrayBuffer>, index: number) => unknown): Promise<number> {
  const from = process.cpuUsage()
  for (const [index, rgb] of frames.entries()) await work(rgb, index)
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1000 / frames.length
}
