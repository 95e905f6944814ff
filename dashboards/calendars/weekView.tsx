import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Calendar } from '../../domain/calendar.ts'
import { useWords } from '../i18n/language.tsx'
import { useNow } from '../shell/page.ts'
import { clockText, type DayNumber, dateText, daySort, mondayOf, type Stretch, stretchesOn, WEEKDAYS, wallAt } from './days.ts'

const DAY_MINUTES = 1440
const HOURS = [0, 6, 12, 18, 24]
const share = (minutes: number): string => `${(minutes / DAY_MINUTES) * 100}%`

/** A week as it really falls, holidays and moved working days included: when the calendar is on. */
export function WeekView({ calendar }: { calendar: Calendar }): ReactNode {
  const { t } = useWords()
  const wall = wallAt(calendar.zone, useNow(30_000))
  const [weeks, setWeeks] = useState(0)
  const monday = mondayOf(wall.day) + weeks * 7
  return (
    <section className="week" aria-label={t('calendar.week')}>
      <div className="section-head">
        <h3>{t('calendar.weekOf', { from: dateText(monday), to: dateText(monday + 6) })}</h3>
        <span>
          <Button size="small" type="text" icon={<LeftOutlined />} aria-label={t('calendar.weekBefore')} onClick={() => setWeeks(weeks - 1)} />
          <Button size="small" type="text" disabled={weeks === 0} onClick={() => setWeeks(0)}>
            {t('calendar.thisWeek')}
          </Button>
          <Button size="small" type="text" icon={<RightOutlined />} aria-label={t('calendar.weekAfter')} onClick={() => setWeeks(weeks + 1)} />
        </span>
      </div>
      <div className="week-rows">
        {WEEKDAYS.map((_, index) => (
          <WeekDay key={WEEKDAYS[index]} calendar={calendar} day={monday + index} weekday={index} minute={monday + index === wall.day ? wall.minute : null} />
        ))}
        <span />
        <span className="week-hours muted" aria-hidden>
          {HOURS.map((hour) => (
            <span key={hour} style={{ left: share(hour * 60) }}>
              {hour}
            </span>
          ))}
        </span>
      </div>
    </section>
  )
}

function WeekDay({ calendar, day, weekday, minute }: { calendar: Calendar; day: DayNumber; weekday: number; minute: number | null }): ReactNode {
  const { word } = useWords()
  const sort = daySort(calendar, dateText(day))
  const stretches = stretchesOn(calendar, day)
  const text = ({ from, to }: Stretch): string => `${clockText(from)}–${clockText(to)}`
  return (
    <>
      <span className={`week-day${weekday > 4 ? ' week-rest' : ''}`}>
        {word('weekday', WEEKDAYS[weekday] ?? '')} <span className="muted">{dateText(day).slice(5)}</span>
        {sort !== 'plain' && <b className={`day-mark day-${sort}`}>{word('daySort', sort)}</b>}
      </span>
      <span className="week-line" role="img" aria-label={stretches.map(text).join(', ') || '—'}>
        {stretches.map((stretch) => (
          <span key={stretch.from} className="week-on" style={{ left: share(stretch.from), width: share(stretch.to - stretch.from) }} title={text(stretch)}>
            <span>{text(stretch)}</span>
          </span>
        ))}
        {minute !== null && <span className="week-now" style={{ left: share(minute) }} />}
      </span>
    </>
  )
}
