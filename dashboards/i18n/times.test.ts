import { describe, expect, it } from 'vitest'
import { clockTime, fullTime, lengthOfTime, msOf, timesIn } from './times.ts'

const AT = '2026-11-21T01:45:09.000Z'

describe('times as people read them', () => {
  it.each([
    ['the same day: the clock only', '2026-11-21T10:00:00.000Z', 'zh', '09:45:09'],
    ['another day: with the date', '2026-11-22T10:00:00.000Z', 'zh', '11/21 09:45:09'],
    ['English puts the day first', '2026-11-22T10:00:00.000Z', 'en', '21/11 09:45:09'],
    ['the day is that of the reader, not of UTC', '2026-11-20T23:00:00.000Z', 'zh', '09:45:09'],
  ] as const)('%s', (_, now, language, expected) => {
    expect(clockTime(AT, Date.parse(now), language, 'Asia/Shanghai')).toBe(expected)
  })

  it('says the zone in full times', () => {
    expect(fullTime(AT, 'Asia/Shanghai')).toBe('2026-11-21 09:45:09 UTC+8')
    expect(fullTime(AT, 'UTC')).toBe('2026-11-21 01:45:09 UTC')
  })

  it('shows a dash for what is no time', () => {
    expect(clockTime('soon', 0, 'en')).toBe('—')
    expect(fullTime('', 'UTC')).toBe('—')
    expect(msOf(null)).toBeNaN()
  })

  it('reads the times in a sentence', () => {
    expect(timesIn('since 2026-11-21T16:14:35.746Z until 2026-11-22T00:00:00Z, over', 'Asia/Shanghai')).toBe(
      'since 2026-11-22 00:14:35 UTC+8 until 2026-11-22 08:00:00 UTC+8, over',
    )
    expect(timesIn('params.2026')).toBe('params.2026')
  })

  it.each([
    [0, '0s', '0秒'],
    [59_999, '59s', '59秒'],
    [60_000, '1m', '1分'],
    [-245_000, '4m 5s', '4分5秒'],
    [3_600_000 * 25, '1d 1h', '1天1小时'],
    [3_600_000 * 3 + 59_000, '3h', '3小时'],
  ])('%i ms is %s', (ms, en, zh) => {
    expect(lengthOfTime(ms, 'en')).toBe(en)
    expect(lengthOfTime(ms, 'zh')).toBe(zh)
  })
})
