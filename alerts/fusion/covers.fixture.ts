import type { Transition } from '../../domain/alert.ts'
import type { AlertId, AssetId, DeviceId, RuleId } from '../../domain/ids.ts'
import type { Projected } from '../../domain/projection.ts'
import { assetOf, recordOf } from '../../fixtures/records.ts'

const LAT = 37.53
const METRE = 1 / 111_195
const rule = (id: string, part: object) => ({ rule: id, title: { zh: id, en: id }, when: 'true', severity: 'critical', ...part })
/** A cover with a sensor, and rules that fuse what it says with what a camera sees. */
export const CITY: Projected[] = [
  recordOf(1, {
    type: 'rule',
    by: 'zhao',
    id: 'cover-displaced',
    version: 1,
    state: 'live',
    note: '',
    source: JSON.stringify(rule('cover-displaced', { on: 'cover', fuse: { with: ['cover-abnormal'], withinM: 15 } })),
  }),
  recordOf(2, { type: 'rule', by: 'zhao', id: 'cover-abnormal', version: 1, state: 'live', note: '', source: JSON.stringify(rule('cover-abnormal', { on: 'scene' })) }),
  recordOf(3, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'c-1', grid: '370602001001001' }) }),
]

/** The two that tell of the same cover. */
export type Who = 'sensor' | 'camera'

/** Their alerts, the camera so many metres to the north. */
export const OF: Record<Who, (apartM: number) => Partial<Transition>> = {
  sensor: () => ({ alert: 'a-s' as AlertId, rule: 'cover-displaced' as RuleId, asset: 'c-1' as AssetId, key: 'c-1', devices: ['c-1' as DeviceId], lon: 121, lat: LAT }),
  camera: (apartM) => ({
    ...{ alert: 'a-c' as AlertId, rule: 'cover-abnormal' as RuleId, asset: 'cam-1' as AssetId, key: 'cam-1', devices: ['cam-1' as DeviceId] },
    ...{ lon: 121, lat: LAT + apartM * METRE, model: 'm@1' },
  }),
}
