import { describe, expect, it } from 'vitest'
import { NINE } from '../fixtures/records.ts'
import { deniedBy } from './denied.ts'
import type { DeviceId, GatewayId } from './ids.ts'
import type { Observation } from './observation.ts'
import { DoubtSchema } from './rule.ts'
import { SECOND } from './time.ts'

const RULE = DoubtSchema.parse({ seen: ['cover-closed'], unless: ['cover-open'], withinM: 15, severity: 'minor' })
const PLACE = [121, 37.53] as const
const METRE = 1 / 111_195

interface Thing {
  label?: string
  /** Metres north of the alert; undefined: the camera is not calibrated. */
  north?: number
  errorM?: number
  zones?: string[]
  score?: number
}
const CLOSED: Thing = { label: 'cover-closed', north: 3, errorM: 2 }
const OPEN: Thing = { label: 'cover-open', north: 3, errorM: 2 }

function looks(...seen: Thing[][]): Observation[] {
  return seen.map((things, index) => {
    const objects = things.map(({ label = 'cover-closed', north, errorM, zones, score = 0.9 }) => ({
      ...{ label, score, box: [0.4, 0.5, 0.1, 0.1] },
      ...(north !== undefined && { lon: PLACE[0], lat: PLACE[1] + north * METRE, errorM }),
      ...(zones && { zones }),
    }))
    const at = NINE + index * 10 * SECOND
    return { type: 'observation', offset: index + 1, kind: 'scene', device: 'cam-1' as DeviceId, gateway: 'gw' as GatewayId, at, receivedAt: at, payload: { at, objects } }
  })
}

const said = (seen: Observation[], crowded = false, zones: string[] = []) =>
  deniedBy({ rule: RULE, place: PLACE, crowded }, { camera: 'cam-1', looks: seen, zones: new Set(zones) })

describe('a camera denies an alert', () => {
  it('when three of its newest looks show the cover closed, at the very place', () => {
    expect(said(looks([CLOSED], [], [CLOSED], [CLOSED]))).toEqual({ camera: 'cam-1', label: 'cover-closed', looks: 3, of: 4, at: new Date(NINE + 30 * SECOND).toISOString() })
  })
  it('by a zone that shows the asset, without being calibrated, also where covers stand close together', () => {
    const zoned = { zones: ['z-1'] }
    expect(said(looks([zoned], [zoned], [zoned]), true, ['z-1'])).toBeDefined()
    expect(said(looks([zoned], [zoned], [zoned]), false, ['z-2'])).toBeUndefined()
  })
  it.each<[string, Observation[], boolean]>([
    ['two looks are too few', looks([CLOSED], [CLOSED]), false],
    ['two of the newest five are too few', looks([CLOSED], [CLOSED], [CLOSED], [], [], [], [CLOSED], [CLOSED]), false],
    ['another cover sixteen metres away', looks(...Array.from({ length: 5 }, () => [{ ...CLOSED, north: 16 }])), false],
    ['a place that is not known well', looks(...Array.from({ length: 5 }, () => [{ ...CLOSED, errorM: 20 }])), false],
    ['no place at all', looks(...Array.from({ length: 5 }, () => [{ label: 'cover-closed' }])), false],
    ['seen badly', looks(...Array.from({ length: 5 }, () => [{ ...CLOSED, score: 0.4 }])), false],
    ['another cover beside it', looks([CLOSED], [CLOSED], [CLOSED]), true],
    ['one look that shows it open', looks([CLOSED], [CLOSED], [OPEN], [CLOSED], [CLOSED]), false],
    ['one look, however bad, that shows some cover open somewhere', looks([CLOSED], [CLOSED], [CLOSED, { label: 'cover-open', score: 0.1 }], [CLOSED], [CLOSED]), false],
    ['nothing', [], false],
  ])('not by %s', (_, seen, crowded) => {
    expect(said(seen, crowded)).toBeUndefined()
  })
  it('nor does an open cover that is known to be elsewhere keep it from denying', () => {
    expect(said(looks([CLOSED, { ...OPEN, north: 40 }], [CLOSED], [CLOSED]))).toBeDefined()
  })
})
