import { PlusOutlined } from '@ant-design/icons'
import { Button, Skeleton } from 'antd'
import { type ReactNode, useState } from 'react'
import { roleAtLeast } from '../../domain/role.ts'
import { type CalendarRow, calendars } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { AuthorTabs } from '../rules/authorTabs.tsx'
import { useNow, usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import { useStore } from '../state/store.ts'
import { CalendarBench } from './calendarBench.tsx'
import { isOn, withDaysOf } from './days.ts'
import { NewCalendar } from './newCalendar.tsx'
import '../shell/bench.css'
import './calendars.css'

const AGAIN_MS = 20_000
/** The calendar that the others follow in holidays, and that `workingDay()` asks. */
const CITY = 'city'

/** When rules hold: the calendars of the city, and one of them drawn and edited. */
export default function CalendarsPage(): ReactNode {
  const { t } = useWords()
  const { route, who } = usePage()
  const asked = useStore(route, (at) => (at.page === 'calendars' ? at.calendar : null))
  const turn = useNow(AGAIN_MS)
  const [saved, setSaved] = useState(0)
  const { last, problem, again } = useLoad(`calendars ${turn} ${saved}`, calendars.list)
  const [making, setMaking] = useState(false)
  const items = last?.items ?? []
  const city = items.find(({ id }) => id === CITY)
  const chosen = items.find(({ id }) => id === asked) ?? (asked === null ? (city ?? items[0]) : undefined)
  // A calendar is of the whole city: who sees a part of it may look only.
  const mayEdit = roleAtLeast(who.role, 'author') && who.area === ''
  const reload = (): void => setSaved((count) => count + 1)
  return (
    <div className="calendars">
      <div className="rules-bar">
        <AuthorTabs here="calendars" />
        {mayEdit && (
          <Button className="bar-end" type="primary" icon={<PlusOutlined />} data-testid="btn-new-calendar" onClick={() => setMaking(true)}>
            {t('calendar.new')}
          </Button>
        )}
      </div>
      {problem && <ProblemNote problem={problem} again={again} />}
      {!last && !problem && <Skeleton active />}
      {last && (
        <div className="calendars-body">
          <CalendarList items={items} city={city} chosen={chosen?.id} />
          {chosen ? (
            <CalendarBench key={chosen.id} calendar={chosen} city={chosen === city ? undefined : city} mayEdit={mayEdit} reload={reload} />
          ) : (
            <p className="muted">{t(items.length === 0 ? 'calendar.none' : 'error.not_found')}</p>
          )}
        </div>
      )}
      {making && <NewCalendar taken={new Set(items.map(({ id }) => id))} made={reload} close={() => setMaking(false)} />}
    </div>
  )
}

function CalendarList({ items, city, chosen }: { items: readonly CalendarRow[]; city: CalendarRow | undefined; chosen: string | undefined }): ReactNode {
  const { t, word } = useWords()
  const now = useNow(30_000)
  return (
    <nav className="calendar-list" aria-label={t('page.calendars')}>
      {items.map((calendar) => {
        const on = isOn(withDaysOf(calendar, city), now)
        return (
          <PlaceLink key={calendar.id} to={{ page: 'calendars', calendar: calendar.id }} className="calendar-row" current={calendar.id === chosen}>
            <b>{word('calendarName', calendar.id)}</b>
            <span className={`standing ${on ? 'standing-live' : ''}`}>{t(on ? 'calendar.on' : 'calendar.off')}</span>
            <span className="muted rule-id">
              {calendar.id} · v{calendar.version}
            </span>
          </PlaceLink>
        )
      })}
    </nav>
  )
}
