import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { type DeviceEntry, Ledger, ledgerView, median } from './ledger.ts'

const NOW = 1_700_000_000_000

function entryOf(ledger: Ledger, device = 'd'): DeviceEntry {
  const entry = ledger.claim(device, 'gw1', NOW)
  if (typeof entry === 'string') throw new Error(entry)
  return entry
}

describe('whose a device is', () => {
  it('belongs to the first that reports it', () => {
    const ledger = new Ledger(10)
    expect(ledger.claim('d', 'gw1', NOW)).toMatchObject({ device: 'd', gateway: 'gw1' })
    ledger.settle()
    expect(ledger.claim('d', 'gw2', NOW)).toBe('not_yours')
    expect(ledger.claim('d', 'gw1', NOW)).toMatchObject({ gateway: 'gw1' })
  })

  it('belongs to nobody when the commit failed', () => {
    const ledger = new Ledger(10)
    ledger.claim('d', 'gw1', NOW)
    ledger.undo()
    expect(ledger.claim('d', 'gw2', NOW)).toMatchObject({ gateway: 'gw2' })
  })

  it('belongs to the gateway that registered it, and can be moved', () => {
    const ledger = new Ledger(0)
    ledger.register([{ device: 'd', gateway: 'gw1' }], NOW)
    expect(ledger.claim('d', 'gw2', NOW)).toBe('not_yours')
    ledger.register([{ device: 'd', gateway: 'gw2' }], NOW)
    expect(ledger.claim('d', 'gw2', NOW)).toMatchObject({ gateway: 'gw2' })
    ledger.register([{ device: 'e', gateway: null }], NOW)
    expect(ledger.claim('e', 'gw3', NOW)).toMatchObject({ gateway: 'gw3' })
    ledger.undo()
    expect(ledger.claim('e', 'gw4', NOW)).toMatchObject({ gateway: 'gw4' })
  })

  it('caps new devices per gateway and hour, across a restart too', () => {
    const ledger = new Ledger(2)
    const claim = (into: Ledger, device: string, gateway: string, at: number): boolean => typeof into.claim(device, gateway, at) === 'object'
    expect(['a', 'b', 'c'].map((device) => claim(ledger, device, 'gw1', NOW))).toEqual([true, true, false])
    expect(claim(ledger, 'c', 'gw2', NOW)).toBe(true)
    expect(ledger.claim('x', 'gw1', NOW)).toBe('too_many_new')
    for (const device of ['a', 'b']) ledger.kept(entryOf(ledger, device), NOW, NOW)
    const restarted = new Ledger(2)
    restarted.restore(structuredClone(ledger.dirty()), NOW)
    expect(claim(restarted, 'x', 'gw1', NOW)).toBe(false)
    expect(claim(restarted, 'x', 'gw1', NOW + HOUR)).toBe(true)
  })
})

describe('seq', () => {
  const see = (ledger: Ledger, seq: number, boot: string | number = 'b', receivedAt = NOW): boolean => ledger.unseen(entryOf(ledger), { seq, boot }, { at: receivedAt, receivedAt })

  it('shows gaps, splits and closes them as late messages arrive', () => {
    const ledger = new Ledger(10)
    const gaps = (): unknown => ledgerView(entryOf(ledger)).gaps
    expect([see(ledger, 1), see(ledger, 2), see(ledger, 8)]).toEqual([true, true, true])
    expect(gaps()).toEqual([{ boot: 'b', from: 3, to: 7 }])
    expect(see(ledger, 5)).toBe(false)
    expect(gaps()).toEqual([
      { boot: 'b', from: 3, to: 4 },
      { boot: 'b', from: 6, to: 7 },
    ])
    for (const seq of [3, 4, 6, 7]) see(ledger, seq)
    expect(gaps()).toEqual([])
  })

  it('never calls a number unseen that came before, however many boots a device has had', () => {
    const step = fc.tuple(fc.nat(40), fc.nat(12), fc.nat(3 * DAY))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const ledger = new Ledger(10)
        const cameAt = new Map<string, number>()
        let now = NOW
        for (const [boot, seq, later] of steps) {
          now += later
          const key = `${boot}/${seq}`
          const before = cameAt.get(key)
          if (see(ledger, seq, boot, now) && before !== undefined && now - before <= 7 * DAY) expect.fail(`${key} was seen ${now - before} ms ago`)
          cameAt.set(key, now)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is as before after undo', () => {
    const ledger = new Ledger(10)
    for (const seq of [1, 2]) see(ledger, seq)
    ledger.settle()
    const before = structuredClone(entryOf(ledger))
    for (const [seq, boot] of [
      [7, 'b'],
      [4, 'b'],
      [1, 'c'],
      [9, 'c'],
    ] as const)
      see(ledger, seq, boot)
    ledger.undo()
    expect(entryOf(ledger)).toEqual(before)
  })
})

describe('clock', () => {
  it('takes the median of the last differences and says when a clock is ahead (S9)', () => {
    const ledger = new Ledger(10)
    const entry = entryOf(ledger)
    for (const skew of [500, 700, 600, 90_000]) ledger.kept(entry, NOW - skew, NOW)
    expect(ledgerView(entry)).toMatchObject({ skewMs: 650, clock: 'ok', received: 4 })
    for (let n = 0; n < 20; n++) ledger.kept(entry, NOW + 5 * MINUTE, NOW)
    expect(ledgerView(entry)).toMatchObject({ skewMs: -5 * MINUTE, clock: 'ahead' })
  })

  it.each([
    [[], 0],
    [[3], 3],
    [[3, 1], 2],
    [[9, 1, 5], 5],
  ])('median of %j is %d', (numbers, expected) => {
    expect(median(numbers)).toBe(expected)
  })
})
