import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFfmpeg } from '../../drivers/ffmpeg.ts'
import { VIDEO } from '../inference/material.ts'

/**
 * A street full of cameras in a process of its own: JPEG stills over HTTP, cut by ffmpeg from a real video at 1280 × 720. Each camera plays
 * the video from another second on. `/camera/N`; of every hundred one refuses, one never answers and one sends half a picture. Prints `ready PORT`.
 */
const folder = mkdtempSync(join(tmpdir(), 'wanglou-street-'))
const { path } = await findFfmpeg()
await promisify(execFile)(path, ['-hide_banner', '-loglevel', 'error', '-i', VIDEO.path, '-vf', 'scale=1280:720', '-q:v', '4', join(folder, '%04d.jpg')])
const stills = readdirSync(folder)
  .sort()
  .map((name) => readFileSync(join(folder, name)))
rmSync(folder, { recursive: true })

const server = createServer((request, response) => {
  const camera = Number(/^\/camera\/(\d+)/.exec(request.url ?? '')?.[1] ?? -1)
  const still = stills[(Math.floor((Date.now() / 1000) * VIDEO.fps) + camera * 17) % stills.length] as Buffer
  switch (camera % 100) {
    case 97:
      response.writeHead(503).end()
      return
    case 98:
      return
    case 99:
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(still.subarray(0, still.length / 2))
      return
    default:
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(still)
  }
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`ready ${typeof address === 'object' ? address?.port : 0}\n`)
})
process.on('SIGTERM', () => process.exit(0))
