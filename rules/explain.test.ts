import { expect, it } from 'vitest'
import { explainAsset } from './explain.ts'
import { Hand, START } from './hand.fixture.ts'

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
