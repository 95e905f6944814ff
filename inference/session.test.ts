import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ModelFile, readManifest } from './models/manifest.ts'
import { Session, type SessionOptions } from './session.ts'
import { Backoff } from './sources/backoff.ts'
import { writeSpotModel } from './spot-model.fixture.ts'

const PICTURE = { width: 64, height: 64 }
let folder: string
let file: ModelFile
const sessions: Session[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-session-'))
  file = await readManifest(await writeSpotModel(folder))
})
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function open(more: Partial<SessionOptions> = {}): Session {
  const session = new Session({ file, threads: 1, backoff: () => new Backoff(1, 2), ...more })
  sessions.push(session)
  return session
}

/** A picture that is black but for one white cell. */
function spotAt(column: number, line: number): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(64 * 64 * 3)
  for (let y = line * 8; y < line * 8 + 8; y++) rgb.fill(255, (y * 64 + column * 8) * 3, (y * 64 + column * 8 + 8) * 3)
  return rgb
}
const spot = (column: number, line: number) => ({ detections: [{ label: 'spot', score: 1, box: [column / 8, line / 8, 1 / 8, 1 / 8] }] })

/** The real worker, breaking when the test says. */
async function breaking(how: string): Promise<URL> {
  const path = join(folder, `${how.replaceAll(/\W/g, '')}.ts`)
  await writeFile(
    path,
    `import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ id }) => { ${how} })
    await import(${JSON.stringify(new URL('./session.worker.ts', import.meta.url).href)})`,
  )
  return pathToFileURL(path)
}

describe('Session', () => {
  it('answers each frame with its own boxes and takes its buffer', async () => {
    const session = open()
    const frames = [spotAt(1, 2), spotAt(7, 7), spotAt(0, 0)]
    const answers = await Promise.all(frames.map((rgb) => session.infer(rgb, PICTURE, 0.5)))
    expect(answers).toEqual([spot(1, 2), spot(7, 7), spot(0, 0)])
    expect(frames.map((rgb) => rgb.length)).toEqual([0, 0, 0])
  })

  it('keeps what is above the floor of its caller', async () => {
    const faint = spotAt(3, 3).map((byte) => Math.round(byte * 0.3))
    expect(await open().infer(faint.slice(), PICTURE, 0.5)).toEqual({ detections: [] })
    expect(await open().infer(faint.slice(), PICTURE, 0.1)).toMatchObject({ detections: [{ score: 0.302 }] })
  })

  it('loses one frame with a thread that crashes, and goes on with the others', async () => {
    const restarts: string[] = []
    const session = open({ worker: await breaking("if (id === 1) throw new Error('out of memory')"), onRestart: (why) => restarts.push(why) })
    const answers = await Promise.all([0, 1, 2].map((column) => session.infer(spotAt(column, 0), PICTURE, 0.5)))
    expect(answers).toEqual([spot(0, 0), { lost: 'crashed', why: 'out of memory' }, spot(2, 0)])
    expect([session.restarts, restarts]).toEqual([1, ['out of memory']])
  })

  it('ends a thread that hangs', async () => {
    const session = open({ worker: await breaking('if (id === 1) for (;;);'), deadlineMs: 2000 })
    const answers = await Promise.all([0, 1, 2].map((column) => session.infer(spotAt(column, 0), PICTURE, 0.5)))
    expect(answers).toMatchObject([spot(0, 0), { lost: 'crashed' }, spot(2, 0)])
  })

  it('refuses a frame of another size without falling', async () => {
    const session = open()
    expect(await session.infer(new Uint8Array(3), PICTURE, 0.5)).toMatchObject({ lost: 'failed' })
    expect(await session.infer(spotAt(5, 5), PICTURE, 0.5)).toEqual(spot(5, 5))
    expect(session.restarts).toBe(0)
  })

  it('says model.invalid for a model that cannot be used, now and later', async () => {
    const path = await writeSpotModel(join(folder, 'other'), { sha256: '0'.repeat(64) })
    const session = open({ file: await readManifest(path) })
    await expect(session.infer(spotAt(0, 0), PICTURE, 0.5)).rejects.toMatchObject({ code: 'model.invalid' })
    await expect(session.infer(spotAt(0, 0), PICTURE, 0.5)).rejects.toMatchObject({ code: 'model.invalid' })
    expect(session.restarts).toBe(0)
  })

  it('answers what waits when it is closed', async () => {
    const session = open()
    const waiting = [0, 1].map((column) => session.infer(spotAt(column, 0), PICTURE, 0.5))
    await session.close()
    expect(await Promise.all(waiting)).toMatchObject([{ lost: 'stopped' }, { lost: 'stopped' }])
    expect(await session.infer(spotAt(0, 0), PICTURE, 0.5)).toMatchObject({ lost: 'stopped' })
  })
})
