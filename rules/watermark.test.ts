import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../domain/ids.ts'
import { DAY } from '../domain/time.ts'
import { anySize } from './delays.fixture.ts'
import { clockReaching, type Draining, GRACE_MS, IDLE_MS, keyWatermark, newDevice, PATIENCE_MS } from './watermark.ts'

const NOW = 30 * DAY
const drains = 'drains' as GatewayId

/** Devices that were last heard some time before now, some with lags, some behind a gateway that drains since. */
const devices = fc
  .array(fc.record({ ago: anySize(DAY), lag: anySize(DAY), drained: fc.boolean() }), { minLength: 1, maxLength: 4 })
  .map((all) => all.map(({ ago, lag, drained }, i) => newDevice(`d-${i}` as DeviceId, drained ? drains : ('gw' as GatewayId), NOW - ago - lag, NOW - ago)))
const draining = anySize(DAY).map((ago): Draining => new Map([[drains, NOW - ago]]))

describe('S7 the watermark of several devices', () => {
  it('reaches an event time exactly when the engine is told to wake for it', () => {
    fc.assert(
      fc.property(devices, draining, fc.tuple(anySize(3 * DAY), fc.boolean()), (list, drained, [far, before]) => {
        const due = before ? NOW - far : NOW + far
        const clock = clockReaching(due, list, drained)
        if (clock === Infinity) expect([list.length, keyWatermark(list, NOW + 30 * DAY, drained) < due]).toEqual([1, true])
        else if (clock > NOW) {
          expect(keyWatermark(list, clock, drained)).toBeGreaterThanOrEqual(due)
          expect(keyWatermark(list, clock - 1, drained)).toBeLessThan(due)
        } else expect(keyWatermark(list, NOW, drained)).toBeGreaterThanOrEqual(due)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['both are heard: where the slower one is', { silent: 5000, lag: 5000 }, 0, -5000 - GRACE_MS],
    ['the slower one is slow beyond patience: a minute behind', { silent: 5000, lag: 300_000 }, 0, -PATIENCE_MS],
    ['it has been silent for long: within the grace it may speak again', { silent: IDLE_MS + 1, lag: 300_000 }, 0, -GRACE_MS],
    ['so has the other by now: it goes on as it went', { silent: IDLE_MS + 1, lag: 300_000 }, 2 * IDLE_MS, -GRACE_MS],
  ])('%s', (_what, { silent, lag }, later, behind) => {
    const fast = newDevice('fast' as DeviceId, 'gw' as GatewayId, NOW, NOW)
    const slow = newDevice('slow' as DeviceId, 'gw' as GatewayId, NOW - silent - lag, NOW - silent)
    expect(keyWatermark([fast, slow], NOW + later, new Map()) - NOW - later).toBe(behind)
  })
})
