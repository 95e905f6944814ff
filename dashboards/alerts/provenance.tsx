import type { ReactNode } from 'react'
import type { AlertDetail, TimelineEntry } from '../../domain/alert.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime, fullTime } from '../i18n/times.ts'
import { useNow } from '../shell/page.ts'
import { Section } from './section.tsx'

export function Timeline({ entries }: { entries: readonly TimelineEntry[] }): ReactNode {
  const { t, word, language } = useWords()
  const now = useNow(60_000)
  if (entries.length === 0) return null
  return (
    <Section title={t('panel.timeline')}>
      <ol className="timeline">
        {entries.map((entry) => (
          <li key={`${entry.at}${entry.what}${entry.note}`}>
            <time dateTime={entry.at} title={fullTime(entry.at)}>
              {clockTime(entry.at, now, language)}
            </time>
            <span>
              <b>{word('event', entry.what)}</b> <span className="muted">{word('by', entry.by)}</span>
              {entry.note !== '' && <span className="note">{noteIn(entry.note, word)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  )
}

/** A note is what somebody wrote, or a word of the contract: a verdict, a severity. */
function noteIn(note: string, word: (prefix: string, word: string) => string): string {
  const verdict = word('verdict', note)
  return verdict === note ? word('severity', note) : verdict
}

/** Why the platform says so: which version of which rule, which records, which model. Enough to derive the alert again. */
export function Provenance({ detail }: { detail: AlertDetail }): ReactNode {
  const { t } = useWords()
  const { provenance, matter } = detail
  const offsets = provenance.observations
  const rows: [string, string][] = [
    [t('provenance.rule'), `${provenance.rule} · v${provenance.ruleVersion}`],
    [t('provenance.key'), detail.key],
    [t('provenance.observations'), offsets.length > 12 ? `${offsets.slice(0, 12).join(', ')} … (${offsets.length})` : offsets.join(', ') || '—'],
    [t('provenance.offset'), String(provenance.offset)],
    [t('provenance.model'), provenance.model ?? '—'],
    [t('provenance.matter'), matter ? `${matter.system} ${matter.code}` : '—'],
    [t('provenance.id'), detail.id],
  ]
  return (
    <Section title={t('panel.provenance')}>
      <dl className="facts facts-mono">
        {rows
          .filter(([, value]) => value !== '—')
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </Section>
  )
}
