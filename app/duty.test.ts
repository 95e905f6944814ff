import { describe, expect, it } from 'vitest'
import { type Asset, AssetSchema } from '../domain/asset.ts'
import { CameraConfigSchema } from '../domain/camera.ts'
import { type RuleFile, RuleFileSchema } from '../domain/rule.ts'
import { pairsOf } from './duty.ts'

const rule = (id: string, more: object): [string, RuleFile] => [
  id,
  RuleFileSchema.parse({ rule: id, title: { zh: id, en: id }, on: 'scene', when: 'true', severity: 'minor', ...more }),
]
const RULES = new Map([
  rule('parking', { each: 'object', objects: { labels: ['car'], zone: 'no-parking' }, params: { stand: { value: '60s', unit: 'duration' } }, for: 'params.stand' }),
  rule('piles', { for: '10m', severity: 'score > 0.8 ? "critical" : "major"' }),
  rule('harbour', { assets: { kind: 'camera', labels: { place: 'harbour' } } }),
])
const corner = [
  [0, 0],
  [1, 0],
  [1, 1],
]
const kerb = { id: 'kerb', type: 'no-parking', polygon: corner }
const lane = { id: 'lane', type: 'road', polygon: corner }
const asset = (labels: Record<string, string>) => AssetSchema.parse({ id: 'cam', kind: 'camera', labels }) as Asset
const of = (config: object, of?: Asset) => pairsOf(CameraConfigSchema.parse(config), RULES, of, 30_000)

describe('pairsOf', () => {
  it.each<[string, object, Asset | undefined, string[]]>([
    ['binds nothing and has no zone: rules about the whole picture', {}, undefined, ['piles']],
    ['has a zone that a rule is about', { zones: [kerb, lane] }, undefined, ['parking', 'piles']],
    ['is one that a rule selects', {}, asset({ place: 'harbour' }), ['piles', 'harbour']],
    ['binds rules, also one whose zone it lacks', { algorithms: [{ rule: 'parking' }] }, undefined, ['parking']],
    ['binds only rules that are not live: it is looked at for nobody yet', { algorithms: [{ rule: 'gone' }] }, undefined, ['none']],
    ['binds none', { algorithms: [] }, undefined, ['none']],
  ])('a camera that %s', (_, config, its, algorithms) => {
    expect(of(config, its).map(({ algorithm }) => algorithm)).toEqual(algorithms)
  })

  it('takes interval, calendar and zones from the binding, else from platform and rule', () => {
    const algorithms = [
      { rule: 'parking', everyS: 5, schedule: 'day', params: { stand: '2m' } },
      { rule: 'piles', zones: ['lane'] },
    ]
    expect(of({ zones: [kerb, lane], algorithms })).toEqual([
      { algorithm: 'parking', everyMs: 5000, schedule: 'day', zones: ['kerb'], holdMs: 120_000, severity: 'minor' },
      { algorithm: 'piles', everyMs: 30_000, schedule: null, zones: ['lane'], holdMs: 600_000, severity: 'critical' },
    ])
    expect(of({})[0]).toMatchObject({ zones: null })
  })
})
