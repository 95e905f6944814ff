import { Tag } from 'antd'
import type { ReactNode } from 'react'
import type { Clause, RuleExplanation } from '../../domain/authoring.ts'
import { isPlace } from '../alerts/thresholds.ts'
import { showValue, useWords } from '../i18n/language.tsx'
import { fullTime, lengthOfTime, msOf, timesIn } from '../i18n/times.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import { heldShare, marginShare } from './margins.ts'
import './explain.css'

const COLOR: Record<RuleExplanation['outcome'], string> = {
  firing: 'error',
  recovering: 'warning',
  pending: 'processing',
  idle: 'default',
  not_selected: 'default',
  quiet: 'purple',
}

/** Why a rule did or did not raise an alert: what it read, how far each comparison was from turning, the hold, what stood in the way. */
export function RuleWhy({ why, title, folded = false }: { why: RuleExplanation; title?: ReactNode; folded?: boolean }): ReactNode {
  const { name, word } = useWords()
  return (
    <article className="why" data-testid={`why-${why.rule}`}>
      <details open={!folded}>
        <summary>
          {title} <Tag color={COLOR[why.outcome]}>{word('outcome', why.outcome)}</Tag>
          <span className="muted">
            v{why.version} · {word('ruleState', why.state)}
          </span>
          <span className="why-because">{timesIn(name(why.because))}</span>
        </summary>
        <Reasons why={why} />
      </details>
    </article>
  )
}

function Reasons({ why }: { why: RuleExplanation }): ReactNode {
  const { t, word } = useWords()
  return (
    <div className="why-reasons">
      <Clauses clauses={why.clauses} />
      {why.hold && why.hold.forMs > 0 && <Hold hold={why.hold} />}
      {why.inTheWay.length > 0 && (
        <ul className="why-way" aria-label={t('why.inTheWay')}>
          {why.inTheWay.map(({ what, detail, until }) => (
            <li key={`${what} ${detail}`}>
              <Tag>{word('inTheWay', what)}</Tag> {timesIn(detail)} {until !== null && <span className="muted">{t('why.until', { time: fullTime(until) })}</span>}
            </li>
          ))}
        </ul>
      )}
      <footer className="muted">
        {why.observation && t('why.observation', { device: why.observation.device, at: fullTime(why.observation.at), offset: why.observation.offset })}
        {why.alert !== null && (
          <>
            {' '}
            <PlaceLink to={{ page: 'map', alert: why.alert }}>{t('backtest.toAlert')}</PlaceLink>
          </>
        )}
      </footer>
    </div>
  )
}

function Hold({ hold }: { hold: NonNullable<RuleExplanation['hold']> }): ReactNode {
  const { t, language } = useWords()
  return (
    <div className="why-hold">
      <span>{t('why.hold', { for: lengthOfTime(hold.forMs, language), since: fullTime(hold.since) })}</span>
      <span className="why-bar">
        <span className="bar-filled" style={{ width: `${heldShare(hold) * 100}%` }} />
      </span>
      <span>{hold.leftMs > 0 ? t('why.left', { time: lengthOfTime(hold.leftMs, language) }) : t('why.held')}</span>
    </div>
  )
}

function Clauses({ clauses }: { clauses: readonly Clause[] }): ReactNode {
  const words = useWords()
  const { t, word, language } = words
  if (clauses.length === 0) return null
  return (
    <ul className="clauses">
      {clauses.map(({ text, part, holds, operands, margin }) => {
        const field = operands.find(({ ageMs }) => ageMs !== null)?.text ?? ''
        const share = marginShare(margin, operands)
        return (
          <li key={`${part} ${text}`} className={`clause clause-${holds === null ? 'unknown' : holds ? 'true' : 'false'}`}>
            <span className="clause-mark" role="img" aria-label={t(holds === null ? 'why.unknown' : holds ? 'why.true' : 'why.false')} />
            <code>{text}</code>
            <span className="muted clause-part">{word('part', part)}</span>
            <span className="clause-values">
              {operands.map((operand) => (
                <span key={operand.text} title={operand.ageMs === null ? undefined : t('why.age', { time: lengthOfTime(operand.ageMs, language) })}>
                  {operand.text} ={' '}
                  <b>{operand.value === null ? t('why.unknownValue') : showValue(words, operand.text.startsWith('params.') ? field : operand.text, operand.value)}</b>
                </span>
              ))}
            </span>
            {margin !== null && (
              <span className="clause-margin">
                {share !== undefined && (
                  <span className="margin-bar">
                    <span className="bar-filled" style={{ width: `${share * 100}%` }} />
                  </span>
                )}
                {t(holds ? 'why.marginOver' : 'why.marginUnder', { margin: showValue(words, field, Math.abs(margin)) })}
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

/** What the asset's fields were at that time. */
export function ValuesThen({ values, at }: { values: Readonly<Record<string, unknown>>; at: string }): ReactNode {
  const words = useWords()
  const entries = Object.entries(values).filter(([field, value]) => !isPlace(field) && (typeof value !== 'object' || value === null))
  if (entries.length === 0) return null
  return (
    <p className="muted" title={fullTime(msOf(at))}>
      {entries.map(([field, value]) => `${words.word('field', field)} ${showValue(words, field, value)}`).join(' · ')}
    </p>
  )
}
