import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Instant } from '../domain/time.ts'

/** What a link to a live view allows: to look through one camera until a time, for whom it was made. */
export interface LiveLink {
  camera: string
  until: Instant
  by: string
}

/** The picture that somebody looks at, and what to do when there are no more. */
export interface LiveViewer {
  show(picture: { at: Instant; jpeg: Uint8Array }): void
  end(): void
}

/** Cameras as people look through them. */
export interface Live {
  /** Whether this camera can be looked through now. */
  has(camera: string): boolean
  /** The answer stops it. Throws `not_found`, and `feed.full` when too many cameras are looked through. */
  watch(camera: string, viewer: LiveViewer): () => void
  /** Ends every view. */
  close(): void
  /** Links are signed with it; another one makes all links worthless. */
  key: Uint8Array
}

export function signatureOf(key: Uint8Array, { camera, until, by }: LiveLink): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([camera, until, by]))
    .digest('base64url')
}

/** Whether we made this link, and its time is not over. */
export function isGood(key: Uint8Array, link: LiveLink, signature: string, now: Instant): boolean {
  const [expected, given] = [Buffer.from(signatureOf(key, link)), Buffer.from(signature)]
  return expected.length === given.length && timingSafeEqual(expected, given) && now < link.until
}

const BOUNDARY = 'picture'

/** Writes pictures as motion JPEG, the newest to whoever is slow, and ends after `ms`. Answers how to stop. */
export function playMotionJpeg(response: ServerResponse, watch: (viewer: LiveViewer) => () => void, ms: number): void {
  response.writeHead(200, {
    'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  // The page asks for the link with a word that it is alive before the first picture comes.
  response.write(`--${BOUNDARY}\r\n`)
  const stop = watch({
    show: ({ jpeg }) => {
      if (response.writableNeedDrain || response.writableEnded) return
      response.write(`content-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`)
      response.write(jpeg)
      // The next boundary goes at once: a browser shows a picture only when it knows that it is over.
      response.write(`\r\n--${BOUNDARY}\r\n`)
    },
    end: () => response.end(),
  })
  const over = setTimeout(() => response.end(), ms)
  response.once('close', () => {
    clearTimeout(over)
    stop()
  })
}
