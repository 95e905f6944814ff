import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Engine } from './engine.ts'
import { bookRule, brief, Hand } from './hand.fixture.ts'
import type { LanguageFunction } from './language/function.ts'
import { FUNCTIONS } from './language/functions.ts'
import { MemoryHistory } from './memory-history.ts'
import { freeze, thaw } from './snapshot.ts'
import type { Quarantine } from './state.ts'
import { Watch } from './watch.ts'

/** The language itself has nothing that throws: a function that does stands in for what we did not think of. */
const BOOM: LanguageFunction = {
  name: 'boom',
  signatures: ['boom(double): bool'],
  help: { zh: '', en: '' },
  example: 'boom(tiltDeg)',
  compile(args, build) {
    const value = args[0] && build.compile(args[0])
    return (context) => {
      if (Number(value?.(context)) === 13) throw new Error('thirteen')
      return Number(value?.(context)) > 15
    }
  },
}
beforeAll(() => void (FUNCTIONS as LanguageFunction[]).push(BOOM))
afterAll(() => void (FUNCTIONS as LanguageFunction[]).pop())

const source = (words: string): string => `rule: unlucky\ntitle: { zh: 规则, en: Rule }\non: cover\n${words}\nseverity: major\n`
const UNLUCKY = source('when: boom(tiltDeg)')

function city(): Hand {
  const hand = new Hand()
  hand.rule('unlucky', UNLUCKY)
  hand.rule('cover-displaced', bookRule('cover-displaced').replace('for: params.hold', 'for: 0s'))
  hand.cover('a', 0, { tiltDeg: 40 })
  return hand
}

describe('S18 a rule that throws', () => {
  it('is passed over, and out from the next record on; what it raised ends, the others go on', () => {
    const hand = city()
    expect(brief(hand.cover('b', 10, { tiltDeg: 13 }))).toEqual([])
    expect(hand.engine.takeBlamed()).toEqual([{ rule: 'unlucky', version: 1, from: 5, why: 'thirteen' }])
    const next = hand.cover('c', 20, { tiltDeg: 40 })
    expect(next.map(({ what, rule, key, why }) => [what, rule, key, why])).toEqual([
      ['resolved', 'unlucky', 'a', 'quarantined'],
      ['raised', 'cover-displaced', 'c', undefined],
    ])
    expect([...hand.engine.state.quarantined.values()]).toEqual([{ rule: 'unlucky', version: 1, from: 5, why: 'thirteen' }])
    expect(hand.engine.takeBlamed()).toEqual([])
  })

  it.each([
    ['when', 'when: boom(tiltDeg)'],
    ['clear', 'when: tiltDeg > 15\nclear: { when: "!boom(tiltDeg)" }'],
    ['inform', 'when: tiltDeg > 10\ninform: boom(tiltDeg)'],
    ['severity', 'when: tiltDeg > 10'],
  ])('wherever it throws: %s', (part, words) => {
    const hand = new Hand()
    const text = source(words)
    hand.rule('unlucky', part === 'severity' ? text.replace('severity: major', `severity: 'boom(tiltDeg) ? "major" : "minor"'`) : text)
    hand.cover('a', 0, { tiltDeg: 40 })
    hand.cover('a', 10, { tiltDeg: 13 })
    hand.tick(20)
    expect([...hand.engine.state.quarantined.keys()]).toEqual(['unlucky@1'])
  })

  it('only that version: the one that is live beside the one in shadow goes on', () => {
    const hand = city()
    hand.feed(1, { type: 'rule', by: 't', id: 'unlucky', version: 2, state: 'live', source: source('when: tiltDeg > 15'), note: '' })
    hand.feed(1, { type: 'rule', by: 't', id: 'unlucky', version: 3, state: 'shadow', source: UNLUCKY, note: '' })
    hand.cover('b', 10, { tiltDeg: 13 })
    hand.tick(11)
    expect(hand.engine.state.rules.get('unlucky')).toMatchObject({ live: { version: 2 }, shadow: undefined })
    expect(brief(hand.cover('b', 20, { tiltDeg: 40 }))).toContain('raised unlucky b')
  })

  it('comes back as a new version, or moved live again, with what is true then', () => {
    for (const version of [1, 2]) {
      const hand = city()
      hand.cover('b', 10, { tiltDeg: 13 })
      hand.feed(11, { type: 'rule', by: 'platform', id: 'unlucky', version: 1, state: 'quarantined', source: '', note: 'thirteen', from: 5 })
      hand.cover('b', 12, { tiltDeg: 1 })
      const back = hand.rule('unlucky', UNLUCKY, version, 20)
      expect(back.map(({ what, key, ruleVersion }) => [what, key, ruleVersion])).toEqual([['refired', 'a', version]])
      expect([...hand.engine.state.quarantined]).toEqual([])
    }
  })

  it('its record takes nothing out that was moved live in the meantime', () => {
    const hand = city()
    hand.cover('b', 10, { tiltDeg: 13 })
    hand.tick(11)
    hand.cover('b', 12, { tiltDeg: 1 })
    hand.rule('unlucky', UNLUCKY, 1, 20)
    hand.feed(21, { type: 'rule', by: 'platform', id: 'unlucky', version: 1, state: 'quarantined', source: '', note: 'thirteen', from: 5 })
    expect(hand.engine.state.rules.get('unlucky')?.live?.version).toBe(1)
  })

  it('S14 a restart between the throw and what follows does not show', () => {
    const life = (restart: boolean): string => {
      const hand = city()
      hand.cover('b', 10, { tiltDeg: 13 })
      if (restart) hand.restart()
      hand.cover('c', 20, { tiltDeg: 40 })
      return JSON.stringify([hand.transitions, freeze(hand.engine.state).hash])
    }
    expect(life(true)).toBe(life(false))
  })
})

describe('S14 a quarantine that is known ahead', () => {
  it('gives what there was when it was found: before it the rule judges, from it on not', () => {
    const known: Quarantine[] = [{ rule: 'unlucky', version: 1, from: 4, why: 'too long' }]
    const hand = new Hand()
    hand.engine = new Engine(new MemoryHistory(), undefined, { quarantines: known })
    hand.rule('unlucky', UNLUCKY)
    expect(brief(hand.cover('a', 0, { tiltDeg: 40 }))).toEqual(['raised unlucky a'])
    hand.tick(1)
    expect(hand.engine.state.quarantined.size).toBe(0)
    expect(brief(hand.cover('b', 10, { tiltDeg: 40 }))).toEqual(['resolved unlucky a'])
    expect(thaw(freeze(hand.engine.state))?.quarantined.get('unlucky@1')).toEqual(known[0])
  })

  it('of a version that did not come through its own first judgement: it never is in force', () => {
    const hand = new Hand()
    hand.engine = new Engine(new MemoryHistory(), undefined, { quarantines: [{ rule: 'unlucky', version: 2, from: 2, why: 'too long' }] })
    hand.rule('unlucky', UNLUCKY)
    hand.rule('unlucky', UNLUCKY, 2)
    expect(hand.engine.state.rules.get('unlucky')?.live?.version).toBe(1)
    hand.rule('unlucky', UNLUCKY, 2)
    expect(hand.engine.state.rules.get('unlucky')?.live?.version).toBe(2)
  })
})

describe('what a watcher sees', () => {
  it('is nothing between turns, and every rule by its name', () => {
    const watch = new Watch()
    const engine = new Engine(new MemoryHistory(), undefined, { watch })
    const names: unknown[] = []
    const spy: LanguageFunction = { ...BOOM, name: 'spy', signatures: ['spy(): bool'], compile: () => () => names.push(watch.look().rule) > 0 }
    ;(FUNCTIONS as LanguageFunction[]).push(spy)
    engine.step([
      { type: 'rule', by: 't', id: 'watched', version: 7, state: 'live', source: source('when: spy()').replace('unlucky', 'watched'), note: '', offset: 1, receivedAt: 1 },
    ])
    engine.step([{ type: 'observation', kind: 'cover', device: 'c', gateway: 'g', at: 1, payload: { at: 1 }, offset: 2, receivedAt: 1 } as never])
    ;(FUNCTIONS as LanguageFunction[]).pop()
    expect(names[0]).toEqual({ id: 'watched', version: 7 })
    expect(watch.look()).toEqual({ turn: 4, offset: 2, rule: undefined })
  })
})
