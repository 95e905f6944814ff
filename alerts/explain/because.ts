import type { RuleExplanation } from '../../domain/authoring.ts'
import { formatDuration, formatInstant, type Instant } from '../../domain/time.ts'
import type { KeyTrace } from '../../rules/explain.ts'

type Because = RuleExplanation['because']

/** One sentence that a person can act on. */
export function becauseOf(key: KeyTrace, at: Instant): Because {
  const { hold, forMs, clearMs, gathers } = key
  if (gathers?.members) return countedBecause(gathers.count, gathers.members.length, key.key)
  switch (hold.phase) {
    case 'pending': {
      const left = formatDuration(Math.max(0, hold.since + forMs - at))
      return { zh: `条件自 ${formatInstant(hold.since)} 起成立,还需持续 ${left}`, en: `The condition has held since ${formatInstant(hold.since)}; it must hold for ${left} more.` }
    }
    case 'firing':
      if (gathers) return gatheredBecause(formatInstant(hold.since), gathers)
      return { zh: `条件自 ${formatInstant(hold.since)} 起成立,已告警`, en: `The condition has held since ${formatInstant(hold.since)}; the alert stands.` }
    case 'recovering': {
      const left = formatDuration(Math.max(0, hold.clearSince + clearMs - at))
      return { zh: `正在恢复,再持续 ${left} 后解除`, en: `It is recovering; the alert resolves after ${left} more.` }
    }
    case 'reminded': {
      const since = hold.remindedAt === undefined ? '' : formatInstant(hold.remindedAt)
      return since === ''
        ? { zh: '条件成立,提醒尚未发出', en: 'The condition is true; the reminder is still to be sent.' }
        : { zh: `条件成立,已于 ${since} 提醒,仍在等待离开`, en: `The condition is true; somebody was reminded at ${since} and has time to leave.` }
    }
    case 'waiting':
      return {
        zh: `条件成立,但上次告警后的冷却期到 ${formatInstant(hold.since)} 为止`,
        en: `The condition is true, but the cool-down after the last alert lasts until ${formatInstant(hold.since)}.`,
      }
    default:
      return idleBecause(key)
  }
}

function gatheredBecause(since: string, { area, count }: NonNullable<KeyTrace['gathers']>): Because {
  if (area === null)
    return {
      zh: `条件自 ${since} 起成立,但此资产没有区域,不计入任何区域`,
      en: `The condition has held since ${since}, but nobody says in which area the asset lies, so it counts in none.`,
    }
  return {
    zh: `条件自 ${since} 起成立,计入区域 ${area};该区域共 ${count} 个才告警`,
    en: `The condition has held since ${since}; it counts in area ${area}, where ${count} together raise one alert.`,
  }
}

function countedBecause(count: number, counting: number, area: string): Because {
  return counting >= count
    ? { zh: `区域 ${area} 内有 ${counting} 个资产计入,达到 ${count} 个`, en: `${counting} assets count in ${area}; ${count} are enough.` }
    : { zh: `区域 ${area} 内有 ${counting} 个资产计入,需 ${count} 个`, en: `${counting} of ${count} assets count in ${area}.` }
}

/** Of what keeps a condition from being true: what is not known first, then the clause that is nearest to turning. */
function idleBecause({ clauses, observation, schedule }: KeyTrace): Because {
  if (schedule?.on === false) {
    const until = schedule.until === null ? '' : formatInstant(schedule.until)
    return {
      zh: `摄像机按日历 ${schedule.id} 不在执勤时段${until && `,到 ${until} 为止`}`,
      en: `The camera is off duty by the calendar ${schedule.id}${until && ` until ${until}`}.`,
    }
  }
  if (!observation) return { zh: '该时间之前一天内没有相关观测', en: 'There was no observation of this kind in the day before.' }
  const mine = clauses.filter(({ part }) => part === 'when')
  const unknown = mine.find(({ holds }) => holds === null)
  const nearest = mine.filter(({ holds, margin }) => holds === false && margin !== null).sort((a, b) => (a.margin ?? 0) - (b.margin ?? 0))[0]
  if (nearest) return { zh: `条件不成立:${nearest.text},相差 ${round(nearest.margin)}`, en: `The condition is false: ${nearest.text} is ${round(nearest.margin)} away.` }
  if (unknown) return { zh: `条件未知:${unknown.text} 缺少数据`, en: `The condition is unknown: nothing is known for ${unknown.text}.` }
  const failing = mine.find(({ holds }) => holds === false)
  return failing ? { zh: `条件不成立:${failing.text}`, en: `The condition is false: ${failing.text}.` } : { zh: '条件不成立', en: 'The condition is false.' }
}

function round(value: number | null): number {
  return Number((value ?? 0).toPrecision(4))
}
