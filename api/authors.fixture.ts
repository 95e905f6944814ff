import type { Backtest, Explanation, RuleStats } from '../domain/authoring.ts'
import { CodedError } from '../domain/errors.ts'
import type { Authoring, Backtester, Explainer } from '../domain/ports/authoring.ts'
import type { CalendarView, Register, RuleHead } from '../domain/ports/register.ts'
import { RuleFileSchema } from '../domain/rule.ts'
import { formatInstant, type Instant } from '../domain/time.ts'

/** A rule with one version, a calendar, a backtest that is over and an explanation, for the tests of this room. */
const SOURCE = 'rule: cover-displaced\ntitle: { zh: 井盖位移, en: Manhole cover displaced }\non: cover\nwhen: tiltDeg > 15\nseverity: critical\n'
const FILE = RuleFileSchema.parse({ rule: 'cover-displaced', title: { zh: '井盖位移', en: 'Manhole cover displaced' }, on: 'cover', when: 'tiltDeg > 15', severity: 'critical' })
const STATS: RuleStats = { firing: 1, perDay: Array.from({ length: 14 }, () => 0), judged: 0, falseAlarmShare: null, rejections: [], shadow: null, reminders: null }

function headAt(at: Instant): RuleHead {
  const brief = { version: 1, state: 'live', areas: null, guard: null, author: 'platform', at, note: '', since: at, movedBy: 'platform', why: '' } as const
  return { ...brief, id: FILE.rule, file: FILE, source: SOURCE, base: null, baseOutdated: false, newest: 1, inForce: [brief] }
}

function known<T>(value: T, is: boolean): T {
  if (!is) throw new CodedError('not_found')
  return value
}

export function authorsOf(now: Instant): { rules: Pick<Register, 'rules' | 'rule' | 'ruleVersions' | 'calendars' | 'calendar' | 'putCalendar'>; authoring: Authoring } {
  const head = headAt(now)
  const calendar: CalendarView = { id: 'work', version: 1, by: 'platform', at: now, zone: 'Asia/Shanghai', hours: [], holidays: [], workdays: [], source: '' }
  return {
    rules: {
      rules: async () => ({ items: [head], next: null }),
      rule: async (id) => known(head, id === head.id),
      ruleVersions: async (id) => [known({ ...head, moves: [{ at: now, by: 'platform', state: 'live', areas: null, note: '' }] }, id === head.id)],
      calendars: async () => ({ items: [calendar], next: null }),
      calendar: async (id) => known(calendar, id === calendar.id),
      putCalendar: async (id, version, given, who) => ({ ...given, id, version: version + 1, by: who.name, at: now }),
    },
    authoring: {
      save: async (id, { source }, who) => ({ ...known(head, id === head.id), version: 2, state: 'draft', author: who.name, source: source ?? SOURCE }),
      check: async (id, source) => ({ errors: source.includes(`rule: ${id}`) ? [] : [{ line: 1, column: 1, why: `must be ${id}, as in the path` }], warnings: [] }),
      move: async (id, version, { state }) => ({ ...known(head, id === head.id && version === 1), state }),
      diff: async (id, from, to) => ({
        ...{ rule: id, from, to, text: '' },
        changes: [{ path: 'params.tiltDeg.value', before: 15, after: 20 }],
        sentence: { zh: '没有变化', en: 'nothing changed' },
      }),
      stats: async (ids) => new Map(ids.map((id) => [id, STATS])),
    },
  }
}

/** A backtest takes as many waits as `waits` says before it is over. */
export function createBacktester(waits = 0): Backtester {
  const kept = new Map<string, Backtest>()
  let left = waits
  const get = async (id: string): Promise<Backtest> => known(kept.get(id) as Backtest, kept.has(id))
  const become = async (id: string, state: Backtest['state']): Promise<Backtest> => {
    kept.set(id, { ...(await get(id)), state })
    return get(id)
  }
  const backtest = (id: string, rule: string, by: string): Backtest => ({ id, rule, by, state: 'running', progress: 0, why: null, result: null })
  kept.set('bt-1', backtest('bt-1', FILE.rule, 'platform'))
  return {
    get,
    async start({ rule }, who) {
      const id = `bt-${kept.size + 1}`
      kept.set(id, backtest(id, rule, who.name))
      return get(id)
    },
    wait: async (id) => (left-- > 0 ? get(id) : become(id, 'done')),
    cancel: (id) => become(id, 'cancelled'),
  }
}

export function explainerOver(register: Pick<Register, 'asset'>): Explainer {
  return {
    async explain({ asset, at }, who): Promise<Explanation> {
      await register.asset(asset, who)
      return { asset, at: formatInstant(at), values: {}, rules: [] }
    },
  }
}
