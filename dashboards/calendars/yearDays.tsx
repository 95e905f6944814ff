import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Calendar } from '../../domain/calendar.ts'
import { useWords } from '../i18n/language.tsx'
import { useNow } from '../shell/page.ts'
import { type DayNumber, dateText, dayNumber, daySort, turnDay, WEEKDAYS, wallAt, weekdayOf } from './days.ts'

interface YearDaysProps {
  calendar: Calendar
  /** The days shown are the city's: this calendar names none. */
  follows: boolean
  change: (days: Pick<Calendar, 'holidays' | 'workdays'>) => void
  readOnly: boolean
}

const MONTHS = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'] as const

/** A year with its holidays and moved working days; a press turns a day. */
export function YearDays({ calendar, follows, change, readOnly }: YearDaysProps): ReactNode {
  const { t } = useWords()
  const today = wallAt(calendar.zone, useNow(60_000)).day
  const [year, setYear] = useState(() => Number(dateText(today).slice(0, 4)))
  const inYear = (dates: readonly string[]): number => dates.filter((date) => date.startsWith(`${year}-`)).length
  return (
    <section className="year" aria-label={t('calendar.year')}>
      <div className="section-head">
        <h3>
          {t('calendar.daysOf', { year, holidays: inYear(calendar.holidays), workdays: inYear(calendar.workdays) })}
          {follows && ` · ${t('calendar.follows')}`}
        </h3>
        <span>
          <Button size="small" type="text" icon={<LeftOutlined />} aria-label={t('calendar.yearBefore')} onClick={() => setYear(year - 1)} />
          {year}
          <Button size="small" type="text" icon={<RightOutlined />} aria-label={t('calendar.yearAfter')} onClick={() => setYear(year + 1)} />
        </span>
      </div>
      <div className={`months${follows ? ' months-follow' : ''}`}>
        {MONTHS.map((month) => (
          <Month key={month} first={dayNumber(`${year}-${month}-01`)} calendar={calendar} today={today} readOnly={readOnly} turn={(date) => change(turnDay(calendar, date))} />
        ))}
      </div>
      {!readOnly && <p className="muted">{t(follows ? 'calendar.turnOwn' : 'calendar.turn')}</p>}
    </section>
  )
}

interface MonthProps {
  first: DayNumber
  calendar: Calendar
  today: DayNumber
  readOnly: boolean
  turn: (date: string) => void
}

function Month({ first, calendar, today, readOnly, turn }: MonthProps): ReactNode {
  const { word } = useWords()
  const month = dateText(first).slice(0, 7)
  const days = Array.from({ length: 31 }, (_, index) => first + index).filter((day) => dateText(day).startsWith(month))
  return (
    <div className="month">
      <b>{word('month', month.slice(5))}</b>
      <div className="month-days">
        {WEEKDAYS.map((name) => (
          <span key={name} className="muted" aria-hidden>
            {word('weekdayShort', name)}
          </span>
        ))}
        {days.map((day, index) => {
          const date = dateText(day)
          const sort = daySort(calendar, date)
          const look = `day day-${sort}${weekdayOf(day) > 4 ? ' day-weekend' : ''}${day === today ? ' day-today' : ''}`
          return (
            <button
              key={date}
              type="button"
              className={look}
              disabled={readOnly}
              data-date={date}
              title={sort === 'plain' ? date : `${date} ${word('daySort', sort)}`}
              style={index === 0 ? { gridColumnStart: weekdayOf(day) + 1 } : undefined}
              onClick={() => turn(date)}
            >
              {index + 1}
            </button>
          )
        })}
      </div>
    </div>
  )
}
