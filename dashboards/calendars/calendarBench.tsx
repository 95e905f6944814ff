import { Alert, App, Button, Input, Select } from 'antd'
import { type ReactNode, useMemo } from 'react'
import type { RuleFile } from '../../domain/rule.ts'
import type { CalendarRow } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { fullTime } from '../i18n/times.ts'
import { usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import { withDaysOf } from './days.ts'
import { HoursEditor } from './hoursEditor.tsx'
import { changedParts, isWhole, mergeCalendars } from './merge.ts'
import { type Edit, useEdit } from './useEdit.ts'
import { WeekView } from './weekView.tsx'
import { YearDays } from './yearDays.tsx'

interface CalendarBenchProps {
  calendar: CalendarRow
  /** The calendar whose holidays this one follows while it names none; undefined for that one itself. */
  city: CalendarRow | undefined
  mayEdit: boolean
  reload: () => void
}

/** One calendar: its week and its year as they are or as they would be, and the fields that make them. */
export function CalendarBench({ calendar, city, mayEdit, reload }: CalendarBenchProps): ReactNode {
  const { t } = useWords()
  const edit = useEdit(calendar, reload)
  const { draft, change } = edit
  const shown = withDaysOf(draft, city)
  return (
    <section className="calendar" data-testid="calendar-bench" data-dirty={edit.dirty}>
      <Head edit={edit} mayEdit={mayEdit} />
      {edit.theirs ? <Conflict edit={edit} theirs={edit.theirs} /> : edit.problem && edit.problem.code !== 'version.stale' && <ProblemNote problem={edit.problem} />}
      <WeekView calendar={shown} />
      <HoursEditor hours={draft.hours} change={(hours) => change({ hours })} readOnly={!mayEdit} />
      <YearDays calendar={shown} follows={shown !== draft} change={(days) => change({ holidays: days.holidays, workdays: days.workdays })} readOnly={!mayEdit} />
      <div className="calendar-facts">
        <label htmlFor="calendar-zone">
          <span>{t('calendar.zone')}</span>
          <ZoneSelect zone={draft.zone} readOnly={!mayEdit} change={(zone) => change({ zone })} />
        </label>
        <label htmlFor="calendar-source">
          <span>{t('calendar.source')}</span>
          <Input.TextArea
            id="calendar-source"
            autoSize
            value={draft.source}
            disabled={!mayEdit}
            placeholder={t('calendar.sourceHint')}
            onChange={({ target }) => change({ source: target.value })}
          />
        </label>
      </div>
      <UsedBy id={calendar.id} />
    </section>
  )
}

function Head({ edit, mayEdit }: { edit: Edit; mayEdit: boolean }): ReactNode {
  const { t, word } = useWords()
  const { message } = App.useApp()
  const { base, dirty, draft, theirs, busy } = edit
  const save = async (): Promise<void> => {
    const kept = await edit.save()
    if (kept) void message.success(t('camera.saved', { version: kept.version }))
  }
  return (
    <header className="calendar-head">
      <div className="bench-title">
        <h2>{word('calendarName', base.id)}</h2>
        <span className="muted rule-id">
          {base.id} · v{base.version} · {base.by} · {fullTime(base.at)}
        </span>
      </div>
      {mayEdit ? (
        <span className="dock-acts">
          <Button disabled={!dirty} onClick={edit.discard}>
            {t('rule.discard')}
          </Button>
          <Button type="primary" data-testid="btn-save-calendar" disabled={!dirty || theirs !== undefined || !isWhole(draft)} loading={busy} onClick={() => void save()}>
            {t('camera.save')}
          </Button>
        </span>
      ) : (
        <span className="muted">{t('rule.readOnly')}</span>
      )}
    </header>
  )
}

/** Somebody saved while this was edited: what they changed, and the ways on. Nothing is lost by any of them. */
function Conflict({ edit: { base, draft, goOn, discard }, theirs }: { edit: Edit; theirs: CalendarRow }): ReactNode {
  const { t, word } = useWords()
  const merged = mergeCalendars(base, draft, theirs)
  const list = (parts: readonly string[]): string => parts.map((part) => word('calendarPart', part)).join(t('calendar.and'))
  return (
    <Alert
      data-testid="calendar-conflict"
      type="warning"
      showIcon
      title={t('conflict.title', { author: theirs.by, version: theirs.version, time: fullTime(theirs.at) })}
      description={
        <>
          <p>
            {t('conflict.theirs', { author: theirs.by })}: {list(changedParts(base, theirs))} · {t('conflict.mine')}: {list(changedParts(base, draft))}
          </p>
          <div className="conflict-acts">
            {merged ? (
              <Button type="primary" data-testid="btn-merge-calendar" onClick={() => goOn(merged)}>
                {t('conflict.merge')}
              </Button>
            ) : (
              <span className="muted">{t('conflict.overlap')}</span>
            )}
            <Button onClick={() => goOn(draft)}>{t('conflict.keepMine')}</Button>
            <Button danger onClick={discard}>
              {t('conflict.takeTheirs')}
            </Button>
          </div>
        </>
      }
    />
  )
}

function ZoneSelect({ zone, readOnly, change }: { zone: string; readOnly: boolean; change: (zone: string) => void }): ReactNode {
  const { t } = useWords()
  const zones = useMemo(() => [...new Set([zone, ...Intl.supportedValuesOf('timeZone')])].map((value) => ({ value, label: value })), [zone])
  return <Select id="calendar-zone" showSearch value={zone} options={zones} disabled={readOnly} aria-label={t('calendar.zone')} onChange={change} />
}

/** The rules that ask this calendar by name. */
function UsedBy({ id }: { id: string }): ReactNode {
  const { t, name } = useWords()
  const { rules } = usePage()
  const using = [...rules.values()].filter(({ file }) => asks(file, id))
  if (using.length === 0) return <p className="muted">{t('calendar.unused')}</p>
  return (
    <p className="calendar-used">
      <span className="muted">{t('calendar.usedBy')}</span>
      {using.map((rule) => (
        <PlaceLink key={rule.id} to={{ page: 'rules', rule: rule.id }}>
          {name(rule.file.title)}
        </PlaceLink>
      ))}
    </p>
  )
}

const OF_CITY = /\b(?:workingDay|holiday|hour)\(\)/

function asks({ when, clear, inform, severity }: RuleFile, id: string): boolean {
  const text = [when, clear?.when, inform, severity].join(' ')
  return [`'${id}'`, `"${id}"`].some((quoted) => text.includes(`during(${quoted})`)) || (id === 'city' && OF_CITY.test(text))
}
