import { hash } from 'node:crypto'
import type { Kind } from '../domain/fields.ts'
import type { Instant } from '../domain/time.ts'

/** What deduplication remembers of a message: half of a SHA-256 for its key, half for its content, as four words. */
export interface Fingerprint {
  keyHigh: number
  keyLow: number
  contentHigh: number
  contentLow: number
}

/** What a key is made of (S10). */
export interface KeyedMessage {
  device: string
  kind: Kind
  at: Instant
  json: string
  payload: { id?: string; seq?: number; boot?: string | number }
}

/**
 * S10: (device, boot, seq) if both are given, else (device, id), else (device, kind, at, bytes). Lengths cannot
 * blur: ids hold no NUL and the free text stands last. Boot 1 and boot "1" are two boots.
 */
export function fingerprint(message: KeyedMessage): Fingerprint {
  const content = hash('sha256', message.json, 'binary')
  const key = hash('sha256', keyText(message, content), 'binary')
  // No key is 0: the table takes that for an empty slot.
  return { keyHigh: word(key, 0), keyLow: word(key, 4) || 1, contentHigh: word(content, 0), contentLow: word(content, 4) }
}

function keyText({ device, kind, at, payload: { id, seq, boot } }: KeyedMessage, content: string): string {
  if (seq !== undefined && boot !== undefined) return `s${device}\0${seq}\0${typeof boot}\0${boot}`
  if (id !== undefined) return `i${device}\0${id}`
  return `h${device}\0${kind}\0${at}\0${content}`
}

function word(bytes: string, at: number): number {
  return ((bytes.charCodeAt(at) << 24) | (bytes.charCodeAt(at + 1) << 16) | (bytes.charCodeAt(at + 2) << 8) | bytes.charCodeAt(at + 3)) >>> 0
}
