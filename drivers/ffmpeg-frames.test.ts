import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Candidate, findFfmpeg } from './ffmpeg.ts'
import { type FrameInput, type FrameRequest, type RawFrame, readFrames } from './ffmpeg-frames.ts'

const installed = async () => (await import('@ffmpeg-installer/ffmpeg')).default.path
let folder: string
let clip: string
let mixed: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-frames-'))
  clip = join(folder, 'a clip.mp4')
  const { path } = await findFfmpeg()
  // 4 s at 10 pictures a second; grey rises with time, so that a picture tells its own second.
  await promisify(execFile)(path, ['-f', 'lavfi', '-i', "nullsrc=s=1600x900:r=10:d=4,geq=lum='floor(T)*50':cb=128:cr=128", '-c:v', 'mpeg4', '-q:v', '2', '-y', clip])
  const parts = ['320x240', '640x360'].map((size) => join(folder, `${size}.ts`))
  for (const [n, size] of ['320x240', '640x360'].entries())
    await promisify(execFile)(path, ['-f', 'lavfi', '-i', `testsrc=s=${size}:r=10:d=1.5`, '-c:v', 'mpeg2video', '-f', 'mpegts', '-y', parts[n] as string])
  mixed = join(folder, 'mixed.ts')
  await writeFile(mixed, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function request(input: FrameInput, more: Partial<FrameRequest> = {}): FrameRequest {
  return { input, fps: 5, width: 64, height: 36, filter: 'scale=64:36,format=rgb24', still: { every: 5, maxWidth: 1280 }, stallMs: 20_000, ...more }
}
const video = (path: string, loop = false): FrameInput => ({ type: 'video', path, loop, realtime: false })

async function all(frames: AsyncIterable<RawFrame>): Promise<RawFrame[]> {
  const list: RawFrame[] = []
  for await (const frame of frames) list.push(frame)
  return list
}

/** Processes that have `mark` in their command line. */
function processesWith(mark: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark) && readlinkSync(`/proc/${pid}/exe`).includes('ffmpeg')
      } catch {
        return false
      }
    })
}

describe.each<[string, Candidate[]]>([
  ['the first ffmpeg found', ['ffmpeg', installed]],
  ['the ffmpeg that npm installs', [installed]],
])('readFrames with %s', (_, candidates) => {
  it('gives every picture in order, at the right time, with a legible still every second', async () => {
    const frames = await all(readFrames(request(video(clip), { candidates }), AbortSignal.timeout(20_000)))
    expect(frames.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    const seconds = frames.map(({ rgb }) => Math.round(((rgb[0] as number) + 18) / 58))
    expect(seconds).toEqual(frames.map(({ index }) => Math.floor(index / 5)))
    expect(frames.every(({ rgb, picture }) => rgb.length === 64 * 36 * 3 && picture.width === 1600 && picture.height === 900)).toBe(true)
    expect(frames.filter(({ jpeg }) => jpeg).map(({ index }) => index)).toEqual([0, 5, 10, 15])
    expect(jpegWidth(frames[5]?.jpeg)).toBe(1280)
  })

  it('makes a picture file stand still, and does not deadlock when it must invent pictures', async () => {
    const [first] = await all(readFrames(request(video(clip), { candidates }), AbortSignal.timeout(20_000)))
    const path = join(folder, 'still%03d.jpg')
    await writeFile(path, first?.jpeg as Uint8Array)
    const once = await all(readFrames(request({ type: 'picture', path, codec: 'mjpeg', loop: false, realtime: false }, { candidates }), AbortSignal.timeout(20_000)))
    expect(once.map(({ index }) => index)).toEqual([0])
    let count = 0
    for await (const frame of readFrames(request({ type: 'picture', path, codec: 'mjpeg', loop: true, realtime: false }, { candidates }), AbortSignal.timeout(20_000))) {
      expect(frame.index).toBe(count++)
      if (count === 30) break
    }
    const doubled = await all(readFrames(request(video(clip), { candidates, fps: 40, still: { every: 40, maxWidth: 1280 } }), AbortSignal.timeout(20_000)))
    expect(doubled.length).toBeGreaterThanOrEqual(156)
  })

  it('gives only what changed, at its own time, and one every so often in any case', async () => {
    // Grey rises once a second; five pictures a second, two seconds at most between two.
    const frames = await all(readFrames(request(video(clip), { candidates, changedOnly: { everyS: 2, level: 10 } }), AbortSignal.timeout(20_000)))
    expect(frames.map(({ index }) => index)).toEqual([0, 5, 10, 15])
    expect(frames.every(({ jpeg }) => jpeg !== null)).toBe(true)
    const still = join(folder, 'still%03d.jpg')
    const standing: number[] = []
    const input: FrameInput = { type: 'picture', path: still, codec: 'mjpeg', loop: true, realtime: false }
    for await (const { index } of readFrames(request(input, { candidates, changedOnly: { everyS: 2, level: 10 } }), AbortSignal.timeout(20_000)))
      if (standing.push(index) === 4) break
    expect(standing).toEqual([0, 10, 20, 30])
  })

  it('takes a source that changes its size in the middle as it comes', async () => {
    const frames = await all(readFrames(request(video(mixed), { candidates }), AbortSignal.timeout(20_000)))
    const sizes = frames.map(({ picture }) => picture.width)
    expect([...new Set(sizes)]).toEqual([320, 640])
    expect(frames.every(({ rgb }) => rgb.length === 64 * 36 * 3)).toBe(true)
    expect(frames.at(-1)?.index).toBe(14)
    // ffmpeg would cut the larger pictures to the size of the first.
    expect(frames.filter(({ picture, jpeg }) => picture.width === 640 && jpeg)).toEqual([])
  })

  it('goes round and round when told to', async () => {
    let count = 0
    for await (const _frame of readFrames(request(video(clip, true), { candidates }), AbortSignal.timeout(20_000))) if (++count === 50) break
    expect(count).toBe(50)
  })
})

/** The header of a picture of 20,000 × 20,000 pixels. */
const HUGE_PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200004e2000004e2008020000006c12d16e0000000049454e44ae426082', 'hex')

function jpegWidth(jpeg: Uint8Array | null | undefined): number {
  const bytes = Buffer.from(jpeg ?? [])
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
  return bytes.readUInt16BE(frame + 7)
}

describe('readFrames', () => {
  it.each([
    ['a file that is missing', () => video(join(folder, 'none.mp4'))],
    ['a file that is no video', () => video(join(import.meta.dirname, 'ffmpeg.ts'))],
    // What a file says must not make ffmpeg open connections.
    ['a playlist that points elsewhere', () => video(join(folder, 'list.m3u8'))],
  ])('says source.failed for %s', async (_, input) => {
    await writeFile(join(folder, 'list.m3u8'), '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n')
    await expect(all(readFrames(request(input()), AbortSignal.timeout(20_000)))).rejects.toMatchObject({ code: 'source.failed' })
  })

  it('refuses a picture too large to unpack', async () => {
    const path = join(folder, 'huge.png')
    await writeFile(path, HUGE_PNG)
    const input: FrameInput = { type: 'picture', path, codec: 'png', loop: false, realtime: false }
    await expect(all(readFrames(request(input), AbortSignal.timeout(20_000)))).rejects.toThrow(/exceeds|invalid/i)
  })

  it('notices a camera that answers nothing, without telling its password or address to anybody', async () => {
    const sockets: Socket[] = []
    const asked = Promise.withResolvers<string>()
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('data', (data) => asked.resolve(String(data)))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const url = `rtsp://admin:secret@127.0.0.1:${port}/ch1?token=hidden`
    const reading = all(readFrames(request({ type: 'rtsp', url }, { stallMs: 1500 }), AbortSignal.timeout(20_000))).catch((thrown: unknown) => thrown)
    expect(await asked.promise).toContain(`OPTIONS rtsp://127.0.0.1:${port}/ch1?token=hidden RTSP/1.0`)
    expect(processesWith('rtsp://127.0.0.1')).toHaveLength(existsSync('/proc/self/cmdline') ? 1 : 0)
    for (const mark of ['secret', 'hidden', `127.0.0.1:${port}`]) expect(processesWith(mark)).toEqual([])
    const error = await reading
    expect(error).toMatchObject({ code: 'source.failed' })
    expect(String(error)).not.toMatch(/secret|hidden/)
    expect(processesWith('rtsp://127.0.0.1')).toEqual([])
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it('says why a camera refuses', async () => {
    const server = createServer((socket) => {
      socket.once('data', (data) => socket.end(`RTSP/1.0 401 Unauthorized\r\nCSeq: ${/CSeq: (\d+)/.exec(String(data))?.[1]}\r\n\r\n`))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const url = `rtsp://admin:secret@127.0.0.1:${port}/ch1`
    const error: unknown = await all(readFrames(request({ type: 'rtsp', url }), AbortSignal.timeout(20_000))).catch((thrown: unknown) => thrown)
    expect(String(error)).toMatch(/401|Unauthorized/i)
    expect(String(error)).not.toContain('secret')
    server.close()
  })
})

describe.skipIf(!existsSync('/proc/self/cmdline'))('no ffmpeg is left (needs /proc)', () => {
  it('when the reader aborts, or goes away', async () => {
    const stop = new AbortController()
    const frames = readFrames(request(video(clip, true)), stop.signal)
    await frames.next()
    expect(processesWith(clip)).toHaveLength(1)
    const next = frames.next()
    stop.abort()
    await next
    expect((await frames.next()).done).toBe(true)
    expect(processesWith(clip)).toEqual([])
    for await (const _frame of readFrames(request(video(clip, true)), AbortSignal.timeout(20_000))) break
    expect(processesWith(clip)).toEqual([])
  })

  it('when the reader stops while the pipes are full', async () => {
    const stop = new AbortController()
    const frames = readFrames(request(video(clip, true)), stop.signal)
    await frames.next()
    // Long enough for ffmpeg to fill pipes and buffers; it is stopped there by backpressure.
    await wait(200)
    stop.abort()
    expect((await frames.next()).done).toBe(true)
    expect(processesWith(clip)).toEqual([])
  })

  it.each([
    ['exits', 'process.exit(0)'],
    ['is killed', "process.kill(process.pid, 'SIGKILL')"],
  ])('when the process that reads %s', async (_, end) => {
    const script = join(folder, 'reader.ts')
    const request = { input: video(clip, true), fps: 5, width: 64, height: 36, filter: 'scale=64:36', still: { every: 5, maxWidth: 640 }, stallMs: 20_000 }
    await writeFile(
      script,
      `import { readFrames } from ${JSON.stringify(join(import.meta.dirname, 'ffmpeg-frames.ts'))}
      process.on('message', () => ${end})
      for await (const frame of readFrames(${JSON.stringify(request)}, new AbortController().signal)) if (frame.index === 3) process.send('reading')`,
    )
    const child = fork(script, { execArgv: [] })
    await once(child, 'message')
    expect(processesWith(clip)).toHaveLength(1)
    child.send('end')
    await once(child, 'exit')
    const until = Date.now() + 10_000
    while (processesWith(clip).length > 0 && Date.now() < until) await wait(20)
    expect(processesWith(clip)).toEqual([])
  })
})
