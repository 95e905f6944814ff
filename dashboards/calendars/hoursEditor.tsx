import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input, Select } from 'antd'
import type { ReactNode } from 'react'
import type { Calendar } from '../../domain/calendar.ts'
import { useWords } from '../i18n/language.tsx'
import { isClock, WEEKDAYS } from './days.ts'

type Hours = Calendar['hours'][number]
const DAYS: readonly Hours['days'][number][] = ['work', 'rest', ...WEEKDAYS]

/** The stretches that make the week: on which days, from when to when. */
export function HoursEditor({ hours, change, readOnly }: { hours: readonly Hours[]; change: (hours: Hours[]) => void; readOnly: boolean }): ReactNode {
  const { t, word } = useWords()
  const replace = (index: number, part: Partial<Hours>): void => change(hours.map((one, at) => (at === index ? { ...one, ...part } : one)))
  return (
    <section className="hours" aria-label={t('calendar.hours')}>
      <div className="section-head">
        <h3>{t('calendar.hours')}</h3>
        {!readOnly && (
          <Button
            size="small"
            icon={<PlusOutlined />}
            data-testid="btn-add-hours"
            onClick={() => change([...hours, { days: ['work'], from: hours.at(-1)?.to.replace('24:00', '00:00') ?? '08:00', to: '24:00' }])}
          >
            {t('calendar.addHours')}
          </Button>
        )}
      </div>
      {hours.length === 0 && <p className="muted">{t('calendar.noHours')}</p>}
      {hours.map(({ days, from, to }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a stretch is its place in the list
        <div key={index} className="hours-row">
          <Select
            mode="multiple"
            value={days}
            disabled={readOnly}
            status={days.length === 0 ? 'error' : ''}
            aria-label={t('calendar.days')}
            placeholder={t('calendar.days')}
            options={DAYS.map((day) => ({ value: day, label: word('weekday', day) }))}
            onChange={(next) => replace(index, { days: next })}
          />
          <ClockInput label={t('calendar.from')} value={from} readOnly={readOnly} change={(clock) => replace(index, { from: clock })} />
          <span className="muted">–</span>
          <ClockInput label={t('calendar.to')} value={to} readOnly={readOnly} change={(clock) => replace(index, { to: clock })} />
          <span className="muted hours-night">{isClock(to) && to <= from ? t('calendar.nextDay') : ''}</span>
          {!readOnly && (
            <Button
              size="small"
              type="text"
              danger
              icon={<DeleteOutlined />}
              aria-label={t('calendar.removeHours')}
              onClick={() => change(hours.filter((_, at) => at !== index))}
            />
          )}
        </div>
      ))}
    </section>
  )
}

/** A time of day as the calendar writes it, 00:00 to 24:00: the browser's own field knows no end of the day. */
function ClockInput({ label, value, readOnly, change }: { label: string; value: string; readOnly: boolean; change: (clock: string) => void }): ReactNode {
  return (
    <Input
      className="clock-input"
      aria-label={label}
      value={value}
      placeholder="08:30"
      disabled={readOnly}
      status={isClock(value) ? '' : 'error'}
      onChange={({ target }) => change(target.value.replace('：', ':').trim())}
    />
  )
}
