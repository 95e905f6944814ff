import { describe, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import { SECOND } from '../../domain/time.ts'
import { NINE } from '../../fixtures/records.ts'
import { fromPlane } from './plane.ts'
import { type Seen, sightingsOf } from './sightings.ts'

const ORIGIN = [121.39, 37.53] as const

interface Thing {
  label?: string
  track?: string
  x?: number
  score?: number
  plate?: string
  /** Metres east of the origin, for calibrated cameras. */
  east?: number
}

/** Looks at seconds before the alert began. */
function looks(seen: Record<number, Thing[]>): Observation[] {
  return Object.entries(seen).map(([second, things], index) => ({
    ...{ type: 'observation', offset: index + 1, kind: 'scene', device: 'cam-1' as DeviceId, gateway: 'gw' as GatewayId },
    at: NINE + Number(second) * SECOND,
    receivedAt: NINE + Number(second) * SECOND,
    payload: { at: NINE + Number(second) * SECOND, objects: things.map(objectOf) },
  }))
}

function objectOf({ label = 'muck-truck-covered', track = 't1', x = 0.4, score = 0.9, plate, east }: Thing): object {
  const [lon, lat] = fromPlane(ORIGIN, { x: east ?? 0, y: 0 })
  return { label, track, score, box: [x, 0.5, 0.2, 0.2], ...(plate !== undefined && { plate }), ...(east !== undefined && { lon, lat, errorM: 4 }) }
}

function told(scenes: Observation[], given: Partial<Seen> = {}): unknown[] {
  const attribute = { objects: ['muck-truck-covered'], left: ['spillage'] }
  return sightingsOf({ scenes, attribute, openedAt: NINE, withinMs: 60 * SECOND, origin: ORIGIN, score: 0.4, ...given }).map(({ from, to, headingDeg, share, plates, sdM }) => ({
    ...{ from: (from - NINE) / SECOND, to: (to - NINE) / SECOND, headingDeg: headingDeg === null ? null : Math.round(headingDeg), share, plates, sdM },
  }))
}

describe('what passed before an alert', () => {
  it('is only a stretch of time when no camera saw a truck', () => {
    expect(told([])).toEqual([{ from: -60, to: 0, headingDeg: null, share: 1, plates: [], sdM: 25 }])
  })
  it('ends with the first look that showed what was left', () => {
    expect(told(looks({ [-20]: [{ label: 'spillage', track: 's' }], [-10]: [{ label: 'spillage', track: 's' }] }))).toMatchObject([{ from: -80, to: -20 }])
    expect(told(looks({ [-30]: [{ label: 'spillage', track: 's', score: 0.2 }], [-10]: [{ label: 'spillage', track: 's' }] }))).toMatchObject([{ from: -70, to: -10 }])
  })
  it('is one sighting for each truck, from its first look to its last, with the plates that were read', () => {
    const scenes = looks({
      [-30]: [{}],
      [-29]: [{ plate: '鲁FA1234' }],
      [-12]: [{ track: 't2', x: 0.1 }],
      [-5]: [
        { label: 'car', track: 't3' },
        { track: 't4', score: 0.2 },
      ],
    })
    expect(told(scenes)).toEqual([
      { from: -30.5, to: -28.5, headingDeg: null, share: 0.5, plates: ['鲁FA1234'], sdM: 25 },
      { from: -12.5, to: -11.5, headingDeg: null, share: 0.5, plates: [], sdM: 25 },
    ])
  })
  it('knows place, time and way of one that a calibrated camera saw', () => {
    const scenes = looks({ [-12]: [{ east: -20 }], [-11]: [{ east: -5 }], [-10]: [{ east: 10 }] })
    expect(told(scenes)).toEqual([{ from: -11.5, to: -10.5, headingDeg: 90, share: 1, plates: [], sdM: 4 }])
    expect(told(looks({ [-12]: [{ east: -2 }], [-11]: [{ east: 2 }] }))).toMatchObject([{ headingDeg: null }])
  })
  it('joins a track that the tracker lost for a moment, and not two trucks that follow each other', () => {
    expect(told(looks({ [-12]: [{}], [-10]: [{ track: 't2', x: 0.5 }] }))).toMatchObject([{ from: -12.5, to: -9.5, share: 1 }])
    expect(told(looks({ [-12]: [{ x: 0.8 }], [-11]: [{ track: 't2', x: 0 }] }))).toHaveLength(2)
    expect(told(looks({ [-12]: [{}, { track: 't2', x: 0.5 }] }))).toHaveLength(2)
  })
})
