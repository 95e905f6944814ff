import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../drivers/sqlite.ts'
import { MAX_MESSAGE_BYTES, Outbox, type OutboxOptions, type Report } from './outbox.ts'

let dir: string
const open: Outbox[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'outbox-'))
})
afterEach(() => {
  for (const outbox of open.splice(0)) outbox.close()
  rmSync(dir, { recursive: true })
})

function outboxAt(options: Partial<OutboxOptions> = {}): Outbox {
  const outbox = new Outbox({ path: join(dir, 'gw.db'), gateway: 'gw', ...options })
  open.push(outbox)
  return outbox
}
function reopened(options: Partial<OutboxOptions> = {}): Outbox {
  open.pop()?.close()
  return outboxAt(options)
}
const heartbeat = (device: string, at = 1000): Report => ({ kind: 'cover', device, payload: { at, batteryPct: 90 } })
const bodies = (outbox: Outbox) =>
  outbox.next(0, 1000).map(({ topic, payload }) => ({ device: topic.split('/').at(-1), ...(JSON.parse(payload.toString()) as { seq: number; boot: string }) }))

describe('outbox', () => {
  it('gives each device its own count under one boot, and keeps both over a restart', () => {
    const first = outboxAt({ mint: () => 'boot-a' })
    first.observe([heartbeat('c-1'), heartbeat('c-2'), heartbeat('c-1')], 1000)
    const second = reopened({ mint: () => 'boot-b' })
    second.observe([heartbeat('c-1')], 2000)
    expect(bodies(second).map(({ device, seq, boot }) => [device, seq, boot])).toEqual([
      ['c-1', 1, 'boot-a'],
      ['c-2', 1, 'boot-a'],
      ['c-1', 2, 'boot-a'],
      ['c-1', 3, 'boot-a'],
    ])
  })

  it('goes on counting after everything was delivered', () => {
    const outbox = outboxAt()
    outbox.observe([heartbeat('c-1'), heartbeat('c-1')], 1000)
    outbox.delivered(outbox.next(0, 9).at(-1)?.n ?? 0)
    expect([outbox.pending, outbox.bytes, outbox.oldest()]).toEqual([0, 0, undefined])
    const again = reopened()
    again.observe([heartbeat('c-1')], 2000)
    expect(bodies(again).map(({ seq }) => seq)).toEqual([3])
  })

  it('remembers what waits, how old it is and how large', () => {
    const outbox = outboxAt()
    outbox.observe([heartbeat('c-1', 500), heartbeat('c-2', 400)], 1000)
    const { pending, bytes } = outbox
    expect(outbox.oldest()).toEqual({ at: 500, queuedAt: 1000 })
    const again = reopened()
    expect([again.pending, again.bytes, again.oldest()]).toEqual([pending, bytes, { at: 500, queuedAt: 1000 }])
    again.delivered(1)
    expect(again.oldest()).toEqual({ at: 400, queuedAt: 1000 })
  })

  it('drops the oldest beyond its bound, counts them, and leaves a gap that can be seen', () => {
    const probe = outboxAt()
    probe.observe([heartbeat('c-1')], 1000)
    const one = probe.bytes
    const outbox = reopened({ path: join(dir, 'small.db'), maxBytes: one * 5 + 20 })
    for (let i = 0; i < 8; i++) outbox.observe([heartbeat('c-1')], 1000)
    expect(bodies(outbox).map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8])
    expect(outbox.bytes).toBeLessThanOrEqual(one * 5 + 20)
    expect([outbox.pending, outbox.dropped]).toEqual([5, 3])
    expect(reopened({ path: join(dir, 'small.db') }).dropped).toBe(3)
  })

  it('drops of one batch what does not fit', () => {
    const outbox = outboxAt({ maxBytes: 600 })
    outbox.observe(
      Array.from({ length: 50 }, () => heartbeat('c-1')),
      1000,
    )
    expect(outbox.pending + outbox.dropped).toBe(50)
    expect(outbox.bytes).toBeLessThanOrEqual(600)
    expect(bodies(outbox).at(-1)?.seq).toBe(50)
  })

  it('refuses one message that would push out all others, and takes nothing of its batch', () => {
    const outbox = outboxAt()
    const frame = { topic: 'city/v1/from/gw/frame/cam-1/1000', payload: new Uint8Array(MAX_MESSAGE_BYTES), at: 1000 }
    expect(() => outbox.put([{ ...frame, payload: 'x' }, frame], 1000)).toThrowError(expect.objectContaining({ code: 'payload.too_large' }))
    expect(outbox.pending).toBe(0)
  })

  it('counts nothing for what the disk refused', () => {
    outboxAt().observe([heartbeat('c-1')], 1000)
    open.pop()?.close()
    const path = join(dir, 'gw.db')
    const raw = openDatabase(path, { synchronous: 'FULL' })
    raw.exec("CREATE TRIGGER full BEFORE INSERT ON message WHEN new.n = 3 BEGIN SELECT raise(FAIL, 'disk full'); END")
    raw.close()
    const outbox = outboxAt()
    expect(() => outbox.observe([heartbeat('c-1'), heartbeat('c-1')], 1000)).toThrowError(expect.objectContaining({ code: 'journal.unwritable' }))
    outbox.observe([heartbeat('c-1')], 1000)
    expect(bodies(outbox).map(({ seq }) => seq)).toEqual([1, 2])
    expect(outbox.pending).toBe(2)
  })

  it('refuses a time that is none', () => {
    expect(() => outboxAt().observe([{ kind: 'cover', device: 'c-1', payload: { at: '2026-11-21 10:00:00' } }], 1000)).toThrowError(
      expect.objectContaining({ code: 'time.no_zone' }),
    )
  })

  it('belongs to one process', () => {
    outboxAt().observe([heartbeat('c-1')], 1000)
    expect(() => outboxAt()).toThrowError(expect.objectContaining({ code: 'data.in_use' }))
  })
})
