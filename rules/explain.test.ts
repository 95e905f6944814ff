import { expect, it } from 'vitest'
import { explainAsset } from './explain.ts'
import { Hand, START } from './hand.fixture.ts'
import { ruleText } from './rule.fixture.ts'

const at = (seconds: number): number => START + seconds * 1000

function hand(): Hand {
  const made = new Hand()
  made.rule('cover-displaced')
  made.rule('cover-water-high')
  return made
}
const explain = (from: Hand, seconds: number, rule = 'cover-displaced') => explainAsset(from.engine.state, from.history, { asset: 'c', at: at(seconds), rule })

it('says of each clause what it saw and how far it is from turning', () => {
  const made = hand()
  made.cover('c', 0, { tiltDeg: 12, displaced: false })
  const key = explain(made, 5)?.keys[0]
  expect(key?.hold.phase).toBe('idle')
  expect(key?.clauses.filter(({ part, text }) => part === 'when' && !text.startsWith('label'))).toEqual([
    {
      text: 'tiltDeg > params.tiltDeg',
      part: 'when',
      holds: false,
      operands: [
        { text: 'tiltDeg', value: 12, ageMs: 5000 },
        { text: 'params.tiltDeg', value: 15, ageMs: null },
      ],
      margin: 3,
    },
    { text: 'displaced', part: 'when', holds: false, operands: [{ text: 'displaced', value: false, ageMs: 5000 }], margin: null },
  ])
  expect(key?.observation).toEqual({ offset: 3, device: 'c', at: at(0) })
})

it('a value that was never seen is unknown, one that is too old is named', () => {
  const made = hand()
  made.cover('c', 0, { tiltDeg: 12 })
  const fresh = explain(made, 5)?.keys[0]
  expect(fresh?.clauses.find(({ text }) => text === 'displaced')?.holds).toBeNull()
  expect(fresh?.stale).toEqual([])
  made.cover('c', 40 * 86_400, { batteryPct: 50 })
  expect(explain(made, 40 * 86_400)?.keys[0]?.stale).toEqual(['tiltDeg'])
})

it('an earlier time is explained as it was then, whatever came after it', () => {
  const made = hand()
  made.cover('c', 0, { tiltDeg: 1, displaced: false })
  made.cover('c', 10, { tiltDeg: 40 })
  made.tick(20)
  made.cover('c', 30, { tiltDeg: 1 })
  made.tick(200)
  expect(explain(made, 11)?.keys[0]).toMatchObject({ hold: { phase: 'pending', since: at(10) }, forMs: 2000, observation: { offset: 4 } })
  expect(explain(made, 20)?.keys[0]).toMatchObject({ hold: { phase: 'firing', since: at(10) } })
  expect(explain(made, 200)?.keys[0]).toMatchObject({ hold: { phase: 'idle' } })
})

it('explaining changes nothing', () => {
  const made = hand()
  made.cover('c', 0, { tiltDeg: 1 })
  made.cover('c', 10, { tiltDeg: 40 })
  const before = structuredClone({ course: made.engine.state.assets.values().next().value?.course, counts: made.engine.state.counts })
  explain(made, 5)
  explain(made, 500)
  expect({ course: made.engine.state.assets.values().next().value?.course, counts: made.engine.state.counts }).toEqual(before)
})

it('names the rules that do not apply, and knows nothing of an asset that is not there', () => {
  const made = hand()
  made.rule('truck-speeding')
  made.asset(1, { id: 'c' })
  expect(explain(made, 5, 'truck-speeding')).toMatchObject({ keys: [], notSelected: ['truck-speeding'] })
  expect(explainAsset(made.engine.state, made.history, { asset: 'nobody', at: at(0) })).toBeUndefined()
})

it('a rule that counts over an area raises nothing of one asset, and says where it counts', () => {
  const made = new Hand()
  made.rule('flood', ruleText({ id: 'flood', on: 'cover', when: 'waterMm > 800.0', more: 'gather: { by: street, count: 3, within: 10m }' }))
  made.asset(1, { id: 'c', area: '370602001002' })
  made.cover('c', 2, { waterMm: 900 })
  expect(explain(made, 3, 'flood')?.keys[0]).toMatchObject({ gathers: { area: '370602001', count: 3 }, alert: null })
})

it('of a scene it says what the last look showed', () => {
  const made = new Hand()
  made.rule('garbage', ruleText({ id: 'garbage', on: 'scene', when: "objects('garbage') >= 2.0" }))
  const garbage = { label: 'garbage', score: 0.9, box: [0.1, 0.1, 0.1, 0.1] }
  made.observe('scene', 'c', 0, { camera: 'c', model: 'm', objects: [garbage, garbage] })
  expect(explain(made, 5, 'garbage')?.keys[0]?.clauses).toMatchObject([{ holds: true, operands: [{ value: 2 }] }])
})

it('hundreds of objects are explained as one look', () => {
  const made = new Hand()
  const more = 'each: object\nobjects: { labels: [car], zone: kerb }'
  made.rule('parked', ruleText({ id: 'parked', on: 'scene', when: 'score > 0.5 && looks > 1.0', more }))
  const objects = Array.from({ length: 300 }, (_, i) => ({ label: 'car', score: 0.9, box: [(i % 20) / 20, Math.floor(i / 20) / 20, 0.04, 0.04], track: `t${i}`, zones: ['kerb'] }))
  for (const second of [0, 5, 10]) made.observe('scene', 'c', second, { camera: 'c', model: 'm', objects })
  const began = performance.now()
  const keys = explain(made, 12, 'parked')?.keys ?? []
  // A rule compiled anew for each of them: more than two seconds in which the engine does nothing else.
  expect(performance.now() - began).toBeLessThan(1000)
  expect(keys).toHaveLength(300)
  expect(keys[299]?.clauses.map(({ holds }) => holds)).toEqual([true, true])
})
