import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CalendarSchema } from '../domain/calendar.ts'
import type { Control } from '../domain/record.ts'
import type { Principal } from '../domain/role.ts'
import { HOUR } from '../domain/time.ts'
import { NINE } from '../fixtures/records.ts'
import { oneAtATime } from '../store/book/turns.ts'
import { type AuthoringRoom, createAuthoring } from './authoring.ts'
import { EAST, openRuleRoom, type RuleRoom, rule, WEST, zhao } from './rule-room.fixture.ts'

const lin: Principal = { ...zhao, name: 'lin' }
const ofWest: Principal = { ...zhao, name: 'west', area: WEST }

let at: RuleRoom
let room: AuthoringRoom
beforeEach(async () => {
  at = await openRuleRoom()
  room = at.room
})
afterEach(() => at.remove())

const saved: RuleRoom['saved'] = (...given) => at.saved(...given)
const states = () => at.states()
const whatIs = async (work: Promise<unknown>) => work.then(() => expect.unreachable()).catch((error: unknown) => error)

describe('saving', () => {
  it('makes a draft with author, time and note, and a new rule after version 0', async () => {
    expect(await saved(0, rule(15))).toMatchObject({ version: 1, state: 'draft', author: 'zhao', at: NINE, note: 'after 0', file: { params: { tiltDeg: { value: 15 } } } })
    expect(await saved(1, rule(20), { state: 'live' })).toMatchObject({ version: 2, state: 'live', areas: null })
    expect(await at.register.rule('tilted')).toMatchObject({ version: 2, newest: 2, inForce: [{ version: 2 }] })
    expect(at.journal.records.map((record) => (record.type === 'rule' ? [record.by, record.version, record.state] : []))).toEqual([
      ['zhao', 1, 'draft'],
      ['zhao', 2, 'live'],
    ])
  })

  it('knows the calendars of the city', async () => {
    const source = rule(15).replace('when: tiltDeg', "when: during('nihgt') && tiltDeg")
    expect(await room.check('tilted', source)).toEqual({ errors: [], warnings: [] })
    await at.journal.append([{ type: 'calendar', by: 'platform', id: 'night', calendar: CalendarSchema.parse({}) }])
    await at.journal.settled()
    expect(await room.check('tilted', source)).toMatchObject({ errors: [{ line: 7, why: 'when: there is no calendar nihgt; did you mean night?' }] })
  })

  it('of two authors at once keeps one version and tells the other who, when and why; nothing is overwritten', async () => {
    await saved(0, rule(15), { state: 'live' })
    const both = await Promise.allSettled([
      room.save('tilted', { version: 1, source: rule(20), note: 'mine' }, zhao),
      room.save('tilted', { version: 1, source: rule(25), note: 'too' }, lin),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(both[1]).toMatchObject({ reason: { code: 'version.stale', extra: { version: 2, by: 'zhao', at: new Date(NINE).toISOString(), note: 'mine' } } })
    expect((await at.register.ruleVersions('tilted')).map(({ version, source }) => [version, source])).toEqual([
      [2, rule(20)],
      [1, rule(15)],
    ])
  })

  it.each([
    ['an id that is not the path', rule(15).replace('rule: tilted', 'rule: other'), ['rule']],
    ['two errors at once, by line and column', rule(15).replace('tiltDeg > params', 'tilt > params').replace('severity: major', 'severity: loud'), ['7:7', '8:11']],
    ['a parent that nobody knows, and what is wrong besides', `${rule(1)}extends: nobody\n`, ['extends', '6:21']],
    ['itself as its parent', `${rule(15)}extends: tilted\n`, ['extends']],
    ['what is no YAML', 'rule: [', [expect.stringMatching(/^\d+:\d+$/)]],
    ['aliases that multiply', `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]`, [expect.anything()]],
  ])('refuses %s, and keeps nothing', async (_, source, where) => {
    const error = (await whatIs(saved(0, source))) as { code: string; details: { where: string }[] }
    expect([error.code, error.details.map((each) => each.where)]).toEqual(['rules.invalid', where])
    expect(at.journal.records).toEqual([])
  })

  it('an edit by params keeps comments and layout; of which version, the author says', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(30, '# unfinished\n'))
    const edited = await room.save('tilted', { version: 2, from: 1, set: { tiltDeg: 20 }, overrides: [{ area: WEST, params: { tiltDeg: 10 } }], note: 'fewer' }, lin)
    expect(edited.source).toBe(rule(20, `overrides:\n  - area: "${WEST}"\n    params:\n      tiltDeg: 10\n`))
    expect(edited).toMatchObject({ version: 3, author: 'lin', file: { overrides: [{ area: WEST, params: { tiltDeg: 10 } }] } })
    expect(await room.diff('tilted', 1, 3)).toMatchObject({ sentence: { en: expect.stringMatching(/^tiltDeg 15 → 20 deg; overrides added/) } })
    await expect(room.diff('tilted', 1, 9)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('says of every param what is wrong with its value', async () => {
    await saved(0, rule(15))
    const overrides = [{ asset: 'c-1', params: { tiltDeg: 1 } }]
    const error = await whatIs(room.save('tilted', { version: 1, set: { tiltDeg: 91, hold: '2s', constructor: 1 }, overrides, note: '' }, zhao))
    const where = ['set.tiltDeg', 'set.hold', 'set.constructor', 'overrides.0.params.tiltDeg']
    expect(error).toMatchObject({ code: 'rules.invalid', details: where.map((each) => ({ where: each })) })
    expect(await whatIs(room.save('tilted', { version: 1, set: { tiltDeg: '20' }, note: '' }, zhao))).toMatchObject({
      details: [{ where: 'set.tiltDeg', why: 'must be a number' }],
    })
  })

  it('keeps what a rule extends as it was then, and says when that has changed', async () => {
    await room.save('base', { version: 0, source: rule(15).replace('rule: tilted', 'rule: base'), note: '', to: { state: 'live' } }, zhao)
    const child = await saved(0, rule(20, 'extends: base\n'), { state: 'live' })
    expect(child).toMatchObject({ base: expect.stringContaining('value: 15'), baseOutdated: false })
    await room.save('base', { version: 1, set: { tiltDeg: 16 }, note: '' }, zhao)
    expect(await at.register.rule('tilted')).toMatchObject({ baseOutdated: false })
    await room.move('base', 2, { state: 'live', note: '' }, zhao)
    expect(await at.register.rule('tilted')).toMatchObject({ baseOutdated: true, base: expect.stringContaining('value: 15') })
    expect((await at.register.rules({ limit: 10 })).items.map(({ id, baseOutdated }) => [id, baseOutdated])).toEqual([
      ['base', false],
      ['tilted', true],
    ])
    expect(await whatIs(room.save('third', { version: 0, source: rule(1).replace('rule: tilted', 'rule: third\nextends: tilted'), note: '' }, zhao))).toMatchObject({
      details: [{ where: 'extends', why: 'tilted extends a rule itself' }, {}],
    })
    expect((await saved(1, rule(21, 'extends: base\n'))).baseOutdated).toBe(false)
  })
})

describe('after a restart', () => {
  it('nobody writes the next version before the book has caught up with the last one', async () => {
    await saved(0, rule(15), { state: 'live' })
    const behind = at.projector.reached(at.journal.head() + 1)
    const fresh = createAuthoring({ book: at.book, journal: at.journal, reached: at.projector.reached, turns: oneAtATime(() => behind) })
    const late = fresh.save('tilted', { version: 1, source: rule(20), note: '' }, lin)
    await at.journal.append([{ type: 'rule', by: 'zhao', id: 'tilted', version: 2, state: 'draft', source: rule(17), note: 'before the crash' }])
    expect(await whatIs(late)).toMatchObject({ code: 'version.stale', extra: { version: 2, by: 'zhao', note: 'before the crash' } })
  })
})

describe('a file', () => {
  const take = (source: string) => room.takeFile({ id: 'tilted', source, by: 'command-line', note: 'from tilted.yaml' })

  it('goes live as the next version, beside an author who saves at the same moment; the same again is none', async () => {
    await saved(0, rule(15), { state: 'live' })
    const [taken, told] = await Promise.allSettled([take(rule(16)), saved(1, rule(17))])
    expect(taken).toMatchObject({ value: { version: 2, state: 'live', author: 'command-line', note: 'from tilted.yaml' } })
    expect(told).toMatchObject({ reason: { code: 'version.stale', extra: { by: 'command-line' } } })
    expect(await take(rule(16))).toBeUndefined()
    expect(await states()).toEqual({ 1: 'draft', 2: 'live' })
    expect(await whatIs(take('rule: other'))).toMatchObject({ code: 'rules.invalid' })
  })
})

describe('moving', () => {
  beforeEach(async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(20))
    await saved(2, rule(25))
  })

  it('puts any version back; the one that was live goes out with the same record', async () => {
    await room.move('tilted', 2, { state: 'live', note: 'try' }, zhao)
    at.clock.now += HOUR
    const back = await room.move('tilted', 1, { state: 'live', note: 'worse' }, lin)
    expect(back).toMatchObject({ version: 1, state: 'live', author: 'zhao', at: NINE, since: at.clock.now, movedBy: 'lin', why: 'worse' })
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: 'draft' })
    const [, second] = await at.register.ruleVersions('tilted')
    expect(second?.moves.map(({ by, state, note }) => [by, state, note])).toEqual([
      ['zhao', 'draft', 'after 1'],
      ['zhao', 'live', 'try'],
      ['lin', 'draft', 'version 1 is live: worse'],
    ])
  })

  it('a version is live in some areas first: the one before stays elsewhere until the new one is live everywhere', async () => {
    await room.move('tilted', 2, { state: 'live', areas: [WEST], note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'live', 2: `live in ${WEST}`, 3: 'draft' })
    expect(await at.register.rule('tilted')).toMatchObject({ version: 1, inForce: [{ version: 2, areas: [WEST] }, { version: 1 }] })
    await room.move('tilted', 3, { state: 'live', areas: [EAST], note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: `live in ${EAST}` })
    await room.move('tilted', 3, { state: 'live', note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'draft', 2: 'draft', 3: 'live' })
  })

  it('one version runs in shadow beside the live one', async () => {
    await room.move('tilted', 2, { state: 'shadow', note: '' }, zhao)
    await room.move('tilted', 3, { state: 'shadow', note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: 'shadow' })
    expect(await at.register.rule('tilted')).toMatchObject({ version: 1, inForce: [{ version: 3, state: 'shadow' }, { version: 1 }] })
  })

  it('a version that was quarantined says why, and the next one that is live ends it', async () => {
    const quarantined: Control = { type: 'rule', by: 'platform', id: 'tilted', version: 1, state: 'quarantined', source: rule(15), note: 'took 5 s', from: 4 }
    await at.journal.append([quarantined])
    await at.journal.settled()
    expect(await at.register.rule('tilted')).toMatchObject({ version: 1, state: 'quarantined', why: 'took 5 s', movedBy: 'platform' })
    await room.move('tilted', 2, { state: 'live', note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'draft', 2: 'live', 3: 'draft' })
  })

  it.each([
    ['a version that is not there', 9, { state: 'live' }, 'not_found'],
    ['an area that is not there', 2, { state: 'live', areas: [WEST, '999999'] }, 'request.invalid'],
    ['the version that is live everywhere into some areas', 1, { state: 'live', areas: [WEST] }, 'request.invalid'],
  ] as const)('refuses %s', async (_, version, to, code) => {
    expect(await whatIs(room.move('tilted', version, { ...to, note: '' }, zhao))).toMatchObject({ code })
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: 'draft' })
  })

  it.each([
    ['try a version there', 2, { state: 'live', areas: [`${WEST}`] }, undefined],
    ['try one elsewhere', 2, { state: 'live', areas: [EAST] }, 'auth.forbidden'],
    ['put one in force everywhere', 2, { state: 'live' }, 'auth.forbidden'],
    ['take the live one out', 1, { state: 'draft' }, 'auth.forbidden'],
    ['let one run in shadow', 2, { state: 'shadow' }, undefined],
  ] as const)('an author of one district: may they %s', async (_, version, to, code) => {
    const work = room.move('tilted', version, { ...to, note: '' }, ofWest)
    if (code) expect(await whatIs(work)).toMatchObject({ code })
    else expect(await work).toMatchObject({ version, state: to.state })
  })

  it("does not end another district's trial", async () => {
    await room.move('tilted', 2, { state: 'live', areas: [EAST], note: '' }, zhao)
    expect(await whatIs(room.move('tilted', 3, { state: 'live', areas: [WEST], note: '' }, ofWest))).toMatchObject({ code: 'auth.forbidden' })
  })
})
