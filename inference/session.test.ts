import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { DEAD_AFTER } from './liveness.ts'
import { type ModelFile, readManifest } from './models/manifest.ts'
import { Session, type SessionOptions } from './session.ts'
import { Backoff } from './sources/backoff.ts'
import { writeSpotModel } from './spot-model.fixture.ts'
import { Turns } from './turns.ts'

const YOLOV8N = resolve(import.meta.dirname, '../../shared/material/models/yolov8n_int8.onnx')
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

const REAL = `await import(${JSON.stringify(new URL('./session.worker.ts', import.meta.url).href)})`
/** The real worker, breaking when the test says, or another one. */
async function breaking(how: string, worker = REAL): Promise<URL> {
  const path = join(folder, `${`${how}${worker}`.replaceAll(/\W/g, '').slice(0, 200)}.ts`)
  await writeFile(
    path,
    `import { parentPort, workerData } from 'node:worker_threads'
    // Outside the runtime's own code, where a thread may be ended at once.
    const hang = () => { Atomics.store(workerData.inside, 0, 0); for (;;); }
    const on = parentPort.on.bind(parentPort)
    // It breaks when the picture's turn comes, not when it arrives.
    const broken = (ask) => Object.defineProperty({ ...ask }, 'pictures', { get() { const { id, pictures } = ask; ${how}; return pictures } })
    parentPort.on = (name, listener) => on(name, (ask) => listener(broken(ask)))
    ${worker}`,
  )
  return pathToFileURL(path)
}

/** A picture whose first byte says what the breaking workers do. */
function marked(mark: number): Uint8Array<ArrayBuffer> {
  const rgb = spotAt(4, 4)
  rgb[0] = mark
  return rgb
}
const HANG = 'if (pictures.some(({ rgb }) => rgb[0] === 7)) hang()'
const CRASH = "if (pictures.some(({ rgb }) => rgb[0] === 7)) process.nextTick(() => { throw new Error('out of memory') })"

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
    const session = open({ worker: await breaking("if (id === 1) process.nextTick(() => { throw new Error('out of memory') })"), onRestart: (why) => restarts.push(why) })
    const answers = await Promise.all([0, 1, 2].map((column) => session.infer(spotAt(column, 0), PICTURE, 0.5)))
    expect(answers).toEqual([spot(0, 0), { lost: 'crashed', why: 'out of memory' }, spot(2, 0)])
    expect([session.restarts, restarts]).toEqual([1, ['out of memory']])
  })

  it('lays the next frame ready while one is at work', async () => {
    // This one answers nothing before the frame behind it has come.
    const worker = await breaking(
      '',
      `let first
    parentPort.on('message', (ask) => {
      if (ask.close) return parentPort.close()
      for (const { id } of first ? [first, ask] : []) parentPort.postMessage({ what: 'answers', id, answers: [{ detections: [] }], still: 0 })
      first ??= ask
    })
    parentPort.postMessage({ what: 'ready', batches: false, device: 'cpu', fallback: null })`,
    )
    const session = open({ worker })
    expect(await Promise.all([session.infer(spotAt(1, 1), PICTURE, 0.5), session.infer(spotAt(2, 2), PICTURE, 0.5)])).toEqual([{ detections: [] }, { detections: [] }])
  })

  it('ends a thread that hangs', async () => {
    const session = open({ worker: await breaking('if (id === 1) hang()'), deadlineMs: 2000 })
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

describe('an inference that is called off', () => {
  it('is not begun when it waits, and leaves the others their turn', async () => {
    const session = open()
    const stop = new AbortController()
    const first = session.infer(spotAt(0, 0), PICTURE, 0.5)
    const second = session.infer(spotAt(1, 0), PICTURE, 0.5, stop.signal)
    const third = session.infer(spotAt(2, 0), PICTURE, 0.5)
    stop.abort()
    expect(await Promise.all([first, second, third])).toMatchObject([spot(0, 0), { lost: 'stopped' }, spot(2, 0)])
    expect(await session.infer(spotAt(0, 0), PICTURE, 0.5, stop.signal)).toMatchObject({ lost: 'stopped' })
  })

  it('ends when its thread never comes up', async () => {
    const session = open({ worker: await breaking('', '') })
    const stop = new AbortController()
    const waiting = session.infer(spotAt(0, 0), PICTURE, 0.5, stop.signal)
    stop.abort()
    expect(await waiting).toMatchObject({ lost: 'stopped' })
  })

  it('has a moment to come to its end when it has begun, and no more when its thread hangs', async () => {
    const [stop, running] = [new AbortController(), new BroadcastChannel(folder)]
    const begun = new Promise<void>((resolve) => {
      running.onmessage = () => resolve()
    })
    const session = open({ worker: await breaking(`new BroadcastChannel(${JSON.stringify(folder)}).postMessage(id); ${HANG}`), deadlineMs: 60_000 })
    const hanging = session.infer(marked(7), PICTURE, 0.5, stop.signal)
    await begun
    running.close()
    stop.abort()
    expect(await hanging).toMatchObject({ lost: 'stopped' })
    const later = new AbortController()
    const whole = open()
    await whole.infer(spotAt(0, 0), PICTURE, 0.5)
    const quick = whole.infer(spotAt(3, 0), PICTURE, 0.5, later.signal)
    later.abort()
    expect(await quick).toEqual(spot(3, 0))
  })
})

describe('a session of several workers', () => {
  it('goes on in one while the other hangs', async () => {
    const session = open({ worker: await breaking(HANG), workers: 2, deadlineMs: 3000 })
    let hung = true
    const hanging = session.infer(marked(7), PICTURE, 0.5).then((inferred) => {
      hung = false
      return inferred
    })
    for (let frame = 0; frame < 5; frame++) expect(await session.infer(spotAt(frame, 1), PICTURE, 0.5)).toEqual(spot(frame, 1))
    expect(hung).toBe(true)
    expect(await hanging).toMatchObject({ lost: 'crashed' })
    expect(session.restarts).toBe(1)
  })

  it('shares its turns with the other models of the machine', async () => {
    const turns = new Turns(1)
    const [hanging, other] = [open({ worker: await breaking(HANG), turns, deadlineMs: 2000 }), open({ turns })]
    const order: string[] = []
    // Both threads are up before the turn is taken.
    await Promise.all([hanging.infer(spotAt(0, 0), PICTURE, 0.5), other.infer(spotAt(0, 0), PICTURE, 0.5)])
    const first = hanging.infer(marked(7), PICTURE, 0.5).then(() => order.push('the one that hung'))
    const second = other.infer(spotAt(1, 1), PICTURE, 0.5).then(() => order.push('the other'))
    await Promise.all([first, second])
    expect(order).toEqual(['the one that hung', 'the other'])
  })
})

describe.skipIf(!existsSync(YOLOV8N))('a thread inside the runtime (needs ../shared/material)', () => {
  const size = { width: 640, height: 640 }
  const rgb = () => new Uint8Array(640 * 640 * 3)
  let slow: ModelFile
  beforeAll(async () => {
    slow = await readManifest(join(import.meta.dirname, 'models/yolov8n-int8.yaml'), [dirname(YOLOV8N)])
  })

  // Ended from outside there, it would take the whole process with it.
  it('is closed in the middle of an inference without harm', async () => {
    for (let round = 0; round < 3; round++) {
      const session = open({ file: slow })
      await session.infer(rgb(), size, 0.5)
      const waiting = session.infer(rgb(), size, 0.5)
      await session.close()
      expect(await waiting).toMatchObject({ lost: 'stopped' })
    }
  })

  it('is replaced when it is too slow, and comes to its end by itself', async () => {
    const session = open({ file: slow, deadlineMs: 1 })
    expect(await session.infer(rgb(), size, 0.5)).toMatchObject({ lost: 'crashed', why: 'no answer in 1 ms' })
    expect(await session.infer(rgb(), size, 0.5)).toMatchObject({ lost: 'crashed' })
    expect(session.restarts).toBe(2)
  })
})

describe('a model that takes many pictures at once', () => {
  let many: ModelFile
  beforeAll(async () => {
    many = await readManifest(await writeSpotModel(join(folder, 'many'), { open: true }))
  })
  /** Tells the test how many pictures came together. */
  const telling = (more = '') => breaking(`new BroadcastChannel(${JSON.stringify(folder)}).postMessage(pictures.length);${more}`)
  const listen = (): { sizes: number[]; close(): void } => {
    const [channel, sizes] = [new BroadcastChannel(folder), [] as number[]]
    channel.onmessage = ({ data }) => sizes.push(data as number)
    return { sizes, close: () => channel.close() }
  }

  it('gets those that wait together, each with its own answer', async () => {
    const heard = listen()
    const session = open({ file: many, worker: await telling(), batch: 4 })
    const answers = await Promise.all([0, 1, 2, 3, 4, 5].map((column) => session.infer(spotAt(column, 2), PICTURE, 0.5)))
    expect(answers).toEqual([0, 1, 2, 3, 4, 5].map((column) => spot(column, 2)))
    await vi.waitUntil(() => heard.sizes.length === 2)
    expect(heard.sizes).toEqual([4, 2])
    heard.close()
  })

  it('loses only the picture that it falls over', async () => {
    const heard = listen()
    const session = open({ file: many, worker: await telling(CRASH), batch: 4 })
    const frames = [spotAt(0, 0), spotAt(1, 0), marked(7), spotAt(3, 0)]
    const answers = await Promise.all(frames.map((rgb) => session.infer(rgb, PICTURE, 0.5)))
    expect(answers).toEqual([spot(0, 0), spot(1, 0), { lost: 'crashed', why: 'out of memory' }, spot(3, 0)])
    await vi.waitUntil(() => heard.sizes.length === 5)
    expect([heard.sizes, session.restarts]).toEqual([[4, 1, 1, 1, 1], 2])
    heard.close()
  })
})

describe('a model that stops answering to what it sees', () => {
  const plain = (level: number) => new Uint8Array(64 * 64 * 3).fill(level)

  it('is told of after so many differing pictures, and when it comes back to life', async () => {
    const path = await writeSpotModel(join(folder, 'dark'), { dark: 0.3 })
    const told: number[] = []
    const session = open({ file: await readManifest(path), onStill: (pictures) => told.push(pictures) })
    await session.infer(plain(0), PICTURE, 0.5)
    // Pictures that do not differ say nothing of the model.
    for (let picture = 0; picture < DEAD_AFTER; picture++) await session.infer(plain(picture % 2), PICTURE, 0.5)
    expect(told).toEqual([])
    for (let picture = 0; picture < DEAD_AFTER + 5; picture++) await session.infer(plain((picture % 3) * 20 + 20), PICTURE, 0.5)
    expect(told).toEqual([DEAD_AFTER])
    expect(await session.infer(spotAt(2, 2), PICTURE, 0.5)).toMatchObject({ detections: [{ label: 'spot' }] })
    expect(told).toEqual([DEAD_AFTER, 0])
  })

  it('is refused when it never answered', async () => {
    const path = await writeSpotModel(join(folder, 'dead'), { gain: 0 })
    const session = open({ file: await readManifest(path) })
    await expect(session.infer(plain(0), PICTURE, 0.5)).rejects.toMatchObject({ code: 'model.dead' })
    await expect(session.infer(plain(0), PICTURE, 0.5)).rejects.toMatchObject({ code: 'model.dead' })
  })
})

const CUDA = existsSync(join(import.meta.dirname, '../node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so'))
it.skipIf(CUDA)('runs on the CPU and says so where CUDA is asked for and absent (needs a runtime without CUDA)', async () => {
  const said: string[] = []
  const session = open({ device: 'cuda', workers: 2, onFallback: (why) => said.push(why) })
  expect(await session.infer(spotAt(1, 1), PICTURE, 0.5)).toEqual(spot(1, 1))
  expect(session.device).toBe('cpu')
  expect(said).toEqual([expect.stringMatching(/^CUDA cannot be used \(.+\); it runs on the CPU$/)])
})
