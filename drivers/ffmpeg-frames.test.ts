import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
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

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-frames-'))
  clip = join(folder, 'a clip.mp4')
  const { path } = await findFfmpeg()
  // 4 s at 10 pictures a second; grey rises with time, so that a picture tells its own second.
  await promisify(execFile)(path, ['-f', 'lavfi', '-i', "nullsrc=s=1600x900:r=10:d=4,geq=lum='floor(T)*50':cb=128:cr=128", '-c:v', 'mpeg4', '-q:v', '2', '-y', clip])
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

  it('goes round and round when told to', async () => {
    let count = 0
    for await (const _frame of readFrames(request(video(clip, true), { candidates }), AbortSignal.timeout(20_000))) if (++count === 50) break
    expect(count).toBe(50)
  })
})

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

  it('notices a camera that answers nothing, without telling its password', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const url = `rtsp://admin:secret@127.0.0.1:${port}/ch1`
    const error: unknown = await all(readFrames(request({ type: 'rtsp', url }, { stallMs: 1500 }), AbortSignal.timeout(20_000))).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'source.failed' })
    expect(String(error)).not.toContain('secret')
    expect(processesWith(`127.0.0.1:${port}`)).toEqual([])
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
