import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { CodedError } from '../domain/errors.ts'
import { redact } from './ffmpeg.ts'

/** Lines that say what went wrong; those after them only say that something did. */
const TROUBLE = /^(?!.*(conversion failed|marking filters))(.*\b(error|invalid|no such|refused|unauthorized|denied|timed out|could not|unable|not found|failed|exceeds))/i

/** How a process ended, and the last that it said of trouble, without secrets. */
export interface Exit {
  code: number | null
  message: string
}

/** Resolves when the process is gone and its pipes are closed. `line` hears each message first; true: it is no trouble. */
export function exitOf(child: ChildProcess, line: (text: string) => boolean = () => false): Promise<Exit> {
  let last = ''
  createInterface({ input: child.stderr as Readable }).on('line', (text) => {
    if (!line(text) && TROUBLE.test(text)) last = redact(text.trim()).slice(0, 500)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, message: redact(error.message) }))
    child.once('close', (code) => resolve({ code, message: last }))
  })
}

/** What a promise gives. Throws `source.failed` when that takes longer. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CodedError('source.failed', `no picture within ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([promise, stalled])
  } finally {
    clearTimeout(timer)
  }
}
