import { describe, expect, it } from 'vitest'
import { ffmpegArguments, findFfmpeg, redact } from './ffmpeg.ts'

describe('findFfmpeg', () => {
  it('takes the first that runs and passes over those that do not', async () => {
    const [first] = await Promise.all([findFfmpeg()])
    expect(await findFfmpeg(['/nowhere/ffmpeg', () => Promise.reject(new Error('no build for this platform')), first.path])).toEqual(first)
  })

  it('says so when there is none', async () => {
    await expect(findFfmpeg(['/nowhere/ffmpeg'])).rejects.toMatchObject({ code: 'ffmpeg.missing' })
  })

  it('knows the older flags of the build that npm installs', async () => {
    const { default: installer } = await import('@ffmpeg-installer/ffmpeg')
    const old = await findFfmpeg([installer.path])
    expect(old).toEqual({ path: installer.path, syncFlag: '-vsync', rtspTimeoutFlag: '-stimeout', tell: 'showinfo=checksum=0' })
  })
})

describe('ffmpegArguments', () => {
  it('keeps a path with blanks and leading hyphens one argument', () => {
    const args = ffmpegArguments({
      input: 'file:-my clip.mp4',
      inputOptions: ['-an', '-protocol_whitelist file'],
      filter: '[0:v]null[a]',
      outputs: [{ to: 'pipe:1', options: ['-map [a]'] }],
    })
    expect(args).toEqual(['-hide_banner', '-nostdin', '-an', '-protocol_whitelist', 'file', '-i', 'file:-my clip.mp4', '-filter_complex', '[0:v]null[a]', '-map', '[a]', 'pipe:1'])
  })
})

describe('redact', () => {
  it.each([
    ['a password', 'rtsp://admin:secret@10.0.0.8:554/ch1: Connection refused', 'rtsp://***@10.0.0.8:554/ch1: Connection refused'],
    ['a password with an at sign and a slash', 'open rtsp://admin:p@ss/word@cam/1 failed', 'open rtsp://***@cam/1 failed'],
    ['a token in the query', 'http://cam/still.jpg?token=abc&x=1 gone', 'http://cam/still.jpg?*** gone'],
    ['nothing where there is nothing', '/videos/a@b.mp4: no such file?', '/videos/a@b.mp4: no such file?'],
  ])('hides %s', (_, text, hidden) => {
    expect(redact(text)).toBe(hidden)
  })
})
