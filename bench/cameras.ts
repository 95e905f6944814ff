import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { given } from './given.ts'
import { needMaterial } from './inference/material.ts'

/**
 * A city's cameras for ten minutes: 470 that give JPEG stills over HTTP, served by another process and decoded here, looked at by one model
 * thread, each at the interval that the measured speed allows; ten of them pinned, one picture a second, gated. Three of
 * every hundred are broken: they must show as blind.
 *
 *   npm run bench -- cameras [--json] [--minutes 10] [--cameras 470] [--pinned 10] [--load 0.7]
 *
 * `frames` = inferred + gated + dropped + underWay. `coverage.unreported` counts pairs that a witness beside the platform saw past
 * their interval and that Coverage does not show; `untold` those past it by more than two sweeps of which no rule heard;
 * `coverageOffByMs` is the greatest difference between the two over a pair's whole time. `rssMb` at ten times of the run.
 */
export async function benchCameras(args: readonly string[]): Promise<void> {
  const { json, ...options } = given({ json: false, minutes: 10, cameras: 470, pinned: 10, load: 0.7 }, args)
  needMaterial()
  const street = start('street-server', [])
  try {
    const port = (await firstLine(street)).replace(/^ready /, '')
    const watching = start('watching', ['--port', port, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])])
    const line = await firstLine(watching)
    process.stdout.write(json ? `${line}\n` : `${JSON.stringify(JSON.parse(line), null, 1)}\n`)
  } finally {
    street.kill('SIGTERM')
  }
}

function start(file: string, args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`./cameras/${file}.ts`, import.meta.url))
  return spawn(process.execPath, ['--expose-gc', path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a part of the bench ended with ${code}`)
  })
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string]
  ended.catch(() => undefined)
  return line
}
