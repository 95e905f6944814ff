import { afterEach, describe, expect, it } from 'vitest'
import type { Backtest, BacktestRequest } from '../../domain/authoring.ts'
import type { Control } from '../../domain/record.ts'
import type { Principal } from '../../domain/role.ts'
import { formatInstant } from '../../domain/time.ts'
import { openDatabase } from '../../drivers/sqlite.ts'
import { CAR, CROWD, HEAVY_WHEN } from '../../rules/heavy.fixture.ts'
import { Backtests } from './backtests.ts'
import type { RunLimits } from './run.ts'
import { type StoredWorld, store } from './stored.fixture.ts'
import { type Arrival, assetControl, BEGIN, bookRule, ruleControl, World } from './world.fixture.ts'

const AUTHOR: Principal = { name: 'zhao', role: 'author', area: '' }
const HOUR = 3_600_000
const END = BEGIN + 6 * HOUR

let stored: StoredWorld
let backtests: Backtests
afterEach(async () => {
  await backtests.close()
  await stored.remove()
})

async function city(arrivals: readonly Arrival[], { cores = 2, flushed, limits }: { cores?: number; flushed?: number; limits?: RunLimits } = {}): Promise<World> {
  const world = new World(arrivals, END)
  stored = await store(world, flushed)
  let id = 0
  backtests = new Backtests({ paths: stored.paths, book: stored.book, newId: () => `bt-${++id}`, now: () => END, cores, ...(limits && { limits }) })
  return world
}

async function over(request: Partial<BacktestRequest> & { rule: string }, who = AUTHOR): Promise<Backtest & { result: NonNullable<Backtest['result']> }> {
  const { id } = await backtests.start({ from: BEGIN, to: END, ...request }, who)
  const backtest = await backtests.wait(id, 60_000, who)
  if (!backtest.result) throw new Error(`${backtest.state}: ${backtest.why}`)
  return { ...backtest, result: backtest.result }
}

const control = (receivedAt: number, each: Control): Arrival => ({ receivedAt, control: each })
const cover = (device: string, minute: number, fields: object, lateMs = 200): Arrival => ({
  ...{ kind: 'cover', device, at: BEGIN + minute * 60_000, fields, receivedAt: BEGIN + minute * 60_000 + lateMs },
})
const inOrder = (arrivals: readonly Arrival[]): Arrival[] => [...arrivals].sort((a, b) => a.receivedAt - b.receivedAt)

/** So many covers; each is tilted for ten minutes in every hour, by an angle of its own. */
function tilted(covers: number): Arrival[] {
  // The rules that it names must be known; they judge nothing here.
  const named = ['cover-ajar', 'cover-abnormal'].map((id): Arrival => control(BEGIN, { ...ruleControl(bookRule(id)), state: 'draft' } as Control))
  const list: Arrival[] = [...named, control(BEGIN, ruleControl(bookRule('cover-displaced')))]
  for (let c = 0; c < covers; c++) {
    list.push(control(BEGIN, assetControl({ id: `c-${c}`, area: c % 2 === 0 ? '370602' : '370611' })))
    for (let minute = 1; minute < 300; minute += 5) list.push(cover(`c-${c}`, minute, { tiltDeg: minute % 60 < 10 ? 12 + c : 1, displaced: false, batteryPct: 90 }))
  }
  return inOrder(list)
}

describe('a backtest', () => {
  it.each([
    ['in one thread', 1],
    ['in two', 2],
  ])('shows what an edit removes, with what operators said of it, %s', async (_how, cores) => {
    const world = await city(tilted(10), { cores })
    const raised = world.said.flatMap((each) => (each.type === 'transition' && each.what === 'raised' ? [each] : []))
    const [first, second] = raised.filter(({ asset }) => asset === 'c-4')
    await stored.judge(first?.alert ?? '', 'confirmed')
    await stored.judge(second?.alert ?? '', 'false_alarm')
    const { state, progress, result } = await over({ rule: 'cover-displaced', set: { tiltDeg: 17 } })
    expect([state, progress]).toEqual(['done', 1])
    expect(result).toMatchObject({ rule: 'cover-displaced', version: 1, set: { tiltDeg: 17 }, register: 'then', observations: world.observations.length })
    const gone = raised.filter(({ values }) => Number(values.tiltDeg) <= 17)
    expect(result.counts).toEqual({ live: raised.length, edit: raised.length - gone.length, same: raised.length - gone.length, added: 0, removed: gone.length, changed: 0 })
    expect(gone.length).toBeGreaterThan(2)
    expect(result.verdicts).toEqual({ confirmed: 1, false_alarm: 1, none: gone.length - 2 })
    // What an operator had confirmed comes first.
    expect(result.removed[0]).toMatchObject({ alert: first?.alert, key: 'c-4', verdict: 'confirmed', openedAt: formatInstant(first?.openedAt ?? 0) })
    expect(new Set(result.removed.map(({ alert }) => alert))).toEqual(new Set(gone.map(({ alert }) => alert)))
    expect(result.chart).toMatchObject({ field: 'tiltDeg', unit: 'deg', thresholds: expect.arrayContaining([{ param: 'tiltDeg', live: 15, edit: 17 }]) })
    expect(gone.map(({ asset }) => asset)).toContain(result.chart?.asset)
  })

  it('of a lower threshold shows what it adds, and of a longer hold what it changes', async () => {
    await city(tilted(6))
    const lower = await over({ rule: 'cover-displaced', set: { tiltDeg: 11 } })
    expect(lower.result.counts.removed).toBe(0)
    expect(new Set(lower.result.added.map(({ asset }) => asset))).toEqual(new Set(['c-0', 'c-1', 'c-2', 'c-3']))
    const clearing = bookRule('cover-displaced').replace('for: 60s', 'for: 10m')
    const later = await over({ rule: 'cover-displaced', source: clearing })
    expect(later.result.counts).toMatchObject({ same: 0, added: 0, removed: 0, changed: lower.result.counts.live })
    const { before, after } = later.result.changed[0] ?? {}
    expect(Date.parse(after?.resolvedAt ?? '') - Date.parse(before?.resolvedAt ?? '')).toBe(9 * 60_000)
  })

  it('a lower score finds the car that the live version took for nothing: objects below the threshold are kept', async () => {
    const look = (second: number): Arrival => ({
      ...{ kind: 'scene', device: 'cam-1', at: BEGIN + second * 1000, receivedAt: BEGIN + second * 1000 + 100 },
      fields: { camera: 'cam-1', model: 'm', objects: [{ label: 'car', score: 0.3, box: [0.4, 0.6, 0.2, 0.2], track: 't1' }] },
    })
    const zones = [
      {
        id: 'kerb',
        type: 'no-parking',
        polygon: [
          [0, 0.5],
          [1, 0.5],
          [1, 1],
          [0, 1],
        ],
      },
    ]
    const world = await city([
      control(BEGIN, ruleControl(bookRule('vehicle-no-parking'))),
      control(BEGIN, { type: 'camera', by: 't', id: 'cam-1', version: 1, config: { zones } }),
      ...Array.from({ length: 70 }, (_, i) => look(10 + i * 5)),
    ])
    expect(world.said.filter(({ type }) => type === 'transition')).toEqual([])
    const { result } = await over({ rule: 'vehicle-no-parking', set: { score: 0.25 } })
    expect(result.counts).toMatchObject({ live: 0, edit: 1, added: 1 })
    expect(result.added[0]).toMatchObject({ key: 'cam-1/kerb/t1', openedAt: formatInstant(BEGIN + 10_000), alert: null })
    expect(result.chart).toMatchObject({ asset: 'cam-1', field: 'bestScore', thresholds: [{ param: 'score', live: 0.4, edit: 0.25 }] })
    expect(result.chart?.points[0]).toMatchObject({ min: 0.3, max: 0.3 })
    // The camera keeps nothing below its keepScore, and follows the rule.
    expect(result).toMatchObject({ scoreFloor: 0.1, ownScores: 0 })
  })

  it('reads what is in the journal only, and changes nothing that is stored', async () => {
    const world = await city(tilted(6), { flushed: 100 })
    const files = [stored.paths.history, stored.paths.book]
    const look = (): unknown =>
      files.map((path) => {
        const db = openDatabase(path, { synchronous: 'NORMAL', readonly: true })
        const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all() as string[]
        const rows = tables.map((table) => db.prepare(`SELECT * FROM "${table}"`).all())
        db.close()
        return rows
      })
    const before = look()
    const { result } = await over({ rule: 'cover-displaced', set: {} })
    expect(result.observations).toBe(world.observations.length)
    expect(result.counts.same).toBe(result.counts.live)
    expect(result.counts.live).toBeGreaterThan(0)
    expect(look()).toEqual(before)
  })

  it('shows an author of one area nothing of the others', async () => {
    await city(tilted(6))
    const { result } = await over({ rule: 'cover-displaced', set: { tiltDeg: 90 } }, { ...AUTHOR, area: '370602' })
    expect(new Set(result.removed.map(({ asset }) => asset))).toEqual(new Set(['c-4']))
    expect(result.chart?.asset).toBe('c-4')
  })

  it('says how far down a score can be tried, and how many cameras have one of their own', async () => {
    const camera = (id: string, config: object) => control(BEGIN, { type: 'camera', by: 't', id, version: 1, config })
    await city([
      control(BEGIN, ruleControl(bookRule('vehicle-no-parking'))),
      control(BEGIN, ruleControl(bookRule('cover-displaced'))),
      camera('cam-1', { keepScore: 0.2 }),
      camera('cam-2', { algorithms: [{ rule: 'vehicle-no-parking', params: { score: 0.6 } }] }),
      camera('cam-3', { keepScore: 0.5, algorithms: [] }),
    ])
    expect((await over({ rule: 'vehicle-no-parking', set: { score: 0.05 } })).result).toMatchObject({ scoreFloor: 0.2, ownScores: 1 })
    expect((await over({ rule: 'cover-displaced' })).result).toMatchObject({ scoreFloor: null, ownScores: 0 })
  })

  it('stands beside the version on trial where none is live everywhere', async () => {
    const onTrial = { ...(ruleControl(bookRule('cover-displaced')) as Extract<Control, { type: 'rule' }>), areas: ['370602'] }
    await city(tilted(5).map((each) => ('control' in each && each.control.type === 'rule' ? { ...each, control: onTrial } : each)))
    const { result } = await over({ rule: 'cover-displaced', set: { tiltDeg: 89 } })
    expect(result).toMatchObject({ version: 1, set: { tiltDeg: 89 }, counts: { added: 0 } })
    expect(result.counts.removed).toBeGreaterThan(0)
  })

  it('of a rule that was never live shows all as added', async () => {
    const draft = ruleControl(bookRule('cover-displaced')) as Extract<Control, { type: 'rule' }>
    await city(tilted(5).map((each) => ('control' in each && each.control.type === 'rule' ? { ...each, control: { ...draft, state: 'draft' } } : each)))
    const { result } = await over({ rule: 'cover-displaced' })
    expect(result).toMatchObject({ version: 0, counts: { live: 0, removed: 0, added: result.counts.edit } })
    expect(result.counts.edit).toBeGreaterThan(0)
  })
})

describe('backtests as jobs', () => {
  it.each([
    ['a rule that is not there', { rule: 'no-such' }, 'not_found'],
    ['a param that is not there', { rule: 'cover-displaced', set: { tilt: 3 } }, 'rules.invalid'],
    ['a value out of its range', { rule: 'cover-displaced', set: { tiltDeg: 1 } }, 'rules.invalid'],
    ['a text with errors', { rule: 'cover-displaced', source: 'rule: cover-displaced\nwhen: tilt >' }, 'rules.invalid'],
    ['a time that ends before it begins', { rule: 'cover-displaced', from: END, to: BEGIN }, 'request.invalid'],
  ])('%s is refused before anything runs', async (_what, request, code) => {
    await city(tilted(1))
    await expect(backtests.start({ from: BEGIN, to: END, ...request }, AUTHOR)).rejects.toMatchObject({ code })
  })

  it('one runs at a time; both that run and that wait can be cancelled, and end at once', async () => {
    await city(tilted(2))
    const request = { rule: 'cover-displaced', from: BEGIN, to: END }
    const [running, waiting, last] = [await backtests.start(request, AUTHOR), await backtests.start(request, AUTHOR), await backtests.start(request, AUTHOR)]
    expect([running.state, waiting.state, last.state]).toEqual(['running', 'waiting', 'waiting'])
    expect((await backtests.cancel(waiting.id, AUTHOR)).state).toBe('cancelled')
    expect((await backtests.cancel(running.id, AUTHOR)).state).toBe('cancelled')
    expect((await backtests.wait(last.id, 60_000, AUTHOR)).state).toBe('done')
    // What is over stays as it is.
    expect((await backtests.cancel(last.id, AUTHOR)).state).toBe('done')
    await expect(backtests.get('bt-99', AUTHOR)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('what breaks it is said, and the next one runs', async () => {
    await city(tilted(2))
    const broken = new Backtests({ paths: { ...stored.paths, history: stored.paths.journal }, book: stored.book, newId: () => 'broken', now: () => END, cores: 2 })
    await broken.start({ rule: 'cover-displaced', from: BEGIN, to: END }, AUTHOR)
    expect(await broken.wait('broken', 60_000, AUTHOR)).toMatchObject({ state: 'failed', why: expect.stringMatching(/\S/), result: null })
    await broken.close()
    expect((await over({ rule: 'cover-displaced' })).state).toBe('done')
  })

  const HEAVY = `rule: cover-displaced\ntitle: { zh: 慢, en: Slow }\non: scene\neach: object\nobjects: { labels: [${CAR}], zone: road }\nwhen: ${HEAVY_WHEN}\nfor: 1h\nseverity: minor\n`

  it.each([
    ['for one record', { recordMs: 200, wholeMs: 60_000 }, /^rules\.too_slow: judging record \d+ took longer than 200ms/],
    ['as a whole', { recordMs: 60_000, wholeMs: 1000 }, /^rules\.too_slow: it took longer than 1s/],
  ])('an edit that takes too long %s is ended, and the next one runs', async (_what, limits, why) => {
    const look: Arrival = { kind: 'scene', device: 'cam', at: BEGIN + 60_000, fields: { objects: CROWD }, receivedAt: BEGIN + 60_200 }
    await city(inOrder([...tilted(1), look, { ...look, at: BEGIN + 61_000, receivedAt: BEGIN + 61_200 }]), { cores: 1, limits })
    const { id } = await backtests.start({ rule: 'cover-displaced', source: HEAVY, from: BEGIN, to: END }, AUTHOR)
    expect(await backtests.wait(id, 60_000, AUTHOR)).toMatchObject({ state: 'failed', why: expect.stringMatching(why) })
    expect((await backtests.start({ rule: 'cover-displaced', from: BEGIN, to: BEGIN + HOUR }, AUTHOR)).state).toBe('running')
  })

  it('more than ten do not wait, and only the last fifty are kept', async () => {
    await city(tilted(1))
    const request = { rule: 'cover-displaced', from: BEGIN, to: END }
    for (let i = 0; i < 11; i++) await backtests.start(request, AUTHOR)
    await expect(backtests.start(request, AUTHOR)).rejects.toMatchObject({ code: 'limit.rate' })
    for (let i = 2; i <= 60; i++) {
      await backtests.cancel(`bt-${i}`, AUTHOR)
      if (i >= 11) await backtests.start(request, AUTHOR)
    }
    expect((await backtests.cancel('bt-1', AUTHOR)).state).toBe('cancelled')
    await expect(backtests.get('bt-2', AUTHOR)).rejects.toMatchObject({ code: 'not_found' })
    expect((await backtests.get('bt-60', AUTHOR)).state).toBe('cancelled')
  })
})
