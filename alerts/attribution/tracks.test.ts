import { describe, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import type { Observation, Payload } from '../../domain/observation.ts'
import { SECOND } from '../../domain/time.ts'
import { NINE } from '../../fixtures/records.ts'
import { fromPlane } from './plane.ts'
import { trackOf } from './tracks.ts'

const ORIGIN = [121.39, 37.53] as const

/** Reports every ten seconds of a truck that drives east at ten metres a second and is at the origin at nine. */
function reports(given: { slowMs?: number; lagMs?: (n: number) => number; payload?: (n: number) => Partial<Payload> } = {}): Observation[] {
  const { slowMs = 0, lagMs = () => 300, payload = () => ({}) } = given
  return Array.from({ length: 20 }, (_, n) => {
    const real = NINE + (n - 10) * 10 * SECOND
    const [lon, lat] = fromPlane(ORIGIN, { x: (n - 10) * 100, y: 0 })
    const at = real - slowMs
    return {
      ...{ type: 'observation', offset: n + 1, kind: 'vehicle', device: 'truck-1' as DeviceId, gateway: 'gw' as GatewayId, at, receivedAt: real + lagMs(n) },
      payload: { at, lon, lat, speedKmh: 36, headingDeg: 90, ...payload(n) },
    }
  })
}

const atNine = (observations: Observation[]) => trackOf(observations, ORIGIN, NINE)?.fixes.find(({ at }) => Math.abs(at - NINE) < 5 * SECOND)

describe('a track', () => {
  it('has place and velocity on the plane, in order of time whatever the order of arrival', () => {
    const track = trackOf(reports().toReversed(), ORIGIN, NINE)
    expect(track?.fixes.map(({ x }) => Math.round(x))).toEqual(Array.from({ length: 20 }, (_, n) => (n - 10) * 100))
    expect(track?.fixes[3]?.v?.x).toBeCloseTo(10, 6)
    expect(track?.fixes[3]?.v?.y).toBeCloseTo(0, 6)
  })

  it.each([
    ['that is slow by a minute is put right', 60 * SECOND, 0.7],
    ['that is fast by a minute is put right', -60 * SECOND, 0.7],
    ['that is right is left alone', 0, 0.7],
  ])('a clock %s', (_, slowMs, sd) => {
    expect(Math.round(atNine(reports({ slowMs }))?.x ?? Number.NaN)).toBe(0)
    expect(trackOf(reports({ slowMs }), ORIGIN, NINE)?.skewSdMs).toBe(sd * SECOND)
  })

  it('a gateway that empties its store says nothing of a clock: it stays as it is, and is not sure', () => {
    const stored = reports({ lagMs: (n) => (20 - n) * 10 * SECOND })
    expect(Math.round(atNine(stored)?.x ?? Number.NaN)).toBe(0)
    expect(trackOf(stored, ORIGIN, NINE)?.skewSdMs).toBe(6 * SECOND)
  })

  it('leaves out wild jumps, the zero island and fixes that the terminal itself disowns', () => {
    const wild = reports({ payload: (n) => (n === 5 ? { lon: 121.5 } : n === 6 ? { lon: 0, lat: 0 } : n === 7 ? { alarms: ['no_fix'] } : {}) })
    expect(trackOf(wild, ORIGIN, NINE)?.fixes).toHaveLength(17)
  })

  it('knows a terminal that says no heading only by its places, and one that stands still', () => {
    const track = trackOf(
      reports({ payload: (n) => (n === 0 ? { headingDeg: undefined } : n === 1 ? { speedKmh: 0, headingDeg: undefined } : {}) as Partial<Payload> }),
      ORIGIN,
      NINE,
    )
    expect(track?.fixes.slice(0, 2).map(({ v }) => v)).toEqual([null, { x: 0, y: 0 }])
  })

  it('takes load and lid from what was said last before that time', () => {
    const { state } =
      trackOf(reports({ payload: (n) => ({ load: n < 8 ? 'empty' : n < 15 ? 'full' : 'half', lid: n === 9 ? 'open' : undefined }) as Partial<Payload> }), ORIGIN, NINE) ?? {}
    expect(state).toEqual({ load: 'full', lid: 'open', bed: null })
  })
})
