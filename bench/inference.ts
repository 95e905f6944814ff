import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { given, round } from './given.ts'
import { needMaterial } from './inference/material.ts'

/**
 * How much of ONNX Runtime's own speed reaches the journal: a bare loop over a ready tensor, and the whole path (video file →
 * ffmpeg → frames → boxes → tracks → scenes in the journal, flushed) with the same model and threads, in turns.
 *
 *   npm run bench -- inference [--json] [--seconds 10] [--threads 1] [--rounds 3]
 *
 * `ratio` is path ÷ bare, medians of the rounds. `parts` is where the time of one frame goes, each part alone. `cameras` is how many
 * cameras one core carries that play the video in real time (decoded whole, 12.5 pictures a second) and are looked at once a
 * second, without and with the gate. How it misleads: decoding and the journal use the other core; with as many threads
 * as there are cores they share one with the model. The video is one of an empty lot that cars cross.
 */
const run = promisify(execFile)
const CAMERAS = 6

async function measure<T>(file: string, options: Record<string, number | boolean>): Promise<T> {
  const args = Object.entries(options).flatMap(([name, value]) => (typeof value === 'boolean' ? (value ? [`--${name}`] : []) : [`--${name}`, String(value)]))
  const { stdout } = await run(process.execPath, [fileURLToPath(new URL(`./inference/${file}.ts`, import.meta.url)), ...args])
  return JSON.parse(stdout) as T
}

interface Path {
  framesPerSecond: number
  inferred: number
  gated: number
  p50Ms: number
  p99Ms: number
  journalMs: number
  coresBusy: number
}

async function perCore(options: { seconds: number; threads: number; gate: boolean }): Promise<{ camerasPerCore: number; inferred: number; gated: number }> {
  const { coresBusy, inferred, gated } = await measure<Path>('whole-path', { ...options, cameras: CAMERAS })
  return { camerasPerCore: round(CAMERAS / coresBusy, 1), inferred, gated }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

export async function benchInference(args: readonly string[]): Promise<void> {
  const { json, seconds, threads, rounds } = given({ json: false, seconds: 10, threads: 1, rounds: 3 }, args)
  needMaterial()
  const bare: number[] = []
  const paths: Path[] = []
  for (let turn = 0; turn < rounds; turn++) {
    bare.push((await measure<{ framesPerSecond: number }>('bare', { seconds, threads })).framesPerSecond)
    paths.push(await measure<Path>('whole-path', { seconds, threads }))
  }
  const speed = { bare: median(bare), path: median(paths.map(({ framesPerSecond }) => framesPerSecond)) }
  const typical = paths.find(({ framesPerSecond }) => framesPerSecond === speed.path) as Path
  const parts = await measure<Record<string, number>>('parts', { threads })
  const result = {
    bare: round(speed.bare),
    path: round(speed.path),
    ratio: round(speed.path / speed.bare, 3),
    rounds: bare.map((each, turn) => [round(each), round(paths[turn]?.framesPerSecond ?? 0)]),
    ...{ threads, cores: availableParallelism(), coresBusy: round(typical.coresBusy) },
    frameToScene: { p50Ms: round(typical.p50Ms), p99Ms: round(typical.p99Ms) },
    parts: { ...Object.fromEntries(Object.entries(parts).map(([name, ms]) => [name, round(ms)])), journalMs: round(typical.journalMs) },
    cameras: { ungated: await perCore({ seconds: 2 * seconds, threads, gate: false }), gated: await perCore({ seconds: 2 * seconds, threads, gate: true }) },
  }
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${describe(result)}\n`)
}

function describe({ bare, path, ratio, frameToScene, parts, cameras, ...rest }: { bare: number; path: number; ratio: number } & Record<string, unknown>): string {
  return [
    `bare ONNX Runtime  ${bare} frames/s`,
    `the whole path     ${path} frames/s, ratio ${ratio} (goal 0.85)`,
    `frame to scene     ${JSON.stringify(frameToScene)}`,
    `one frame          ${JSON.stringify(parts)}`,
    `cameras            ${JSON.stringify(cameras)}`,
    `                   ${JSON.stringify(rest)}`,
  ].join('\n')
}
