import { type ReactNode, useMemo } from 'react'
import { useWords } from '../i18n/language.tsx'
import { useBench } from './bench.ts'
import { type Change, changesOf } from './changes.ts'
import { readRule } from './ruleText.ts'
import { unitSign } from './units.ts'

const SHOWN = 3

/** The unsaved changes in one line: tiltDeg 15 → 20°. */
export function ChangeSentence(): ReactNode {
  const { t } = useWords()
  const changes = useChanges()
  const { dirty } = useBench()
  if (changes.length === 0) return <span className="dock-changes muted">{t(dirty ? 'rule.onlyLayout' : 'rule.noChanges')}</span>
  return (
    <span className="dock-changes" data-testid="changes">
      {changes.slice(0, SHOWN).map((change) => (
        <ChangeWords key={change.path} change={change} />
      ))}
      {changes.length > SHOWN && <span className="muted">{t('rule.moreChanges', { n: changes.length - SHOWN })}</span>}
    </span>
  )
}

/** What the text on the bench says otherwise than the version that it came from. */
export function useChanges(): Change[] {
  const { rule, from } = useBench()
  return useMemo(() => {
    const before = readRule(from?.source ?? '')
    return changesOf('rule' in before ? before.rule : {}, rule)
  }, [rule, from])
}

export function ChangeWords({ change: { path, before, after } }: { change: Change }): ReactNode {
  const { params } = useBench()
  const name = path.replace(/^params\./, '')
  const sign = unitSign(params[name]?.unit)
  const show = (value: Change['before']): string => (value === undefined ? '—' : `${typeof value === 'string' && value.length > 60 ? `${value.slice(0, 60)}…` : value}${sign}`)
  return (
    <span className="change" title={`${show(before)} → ${show(after)}`}>
      <code>{name}</code>{' '}
      <span className="change-values">
        <del>{show(before)}</del> → <ins>{show(after)}</ins>
      </span>
    </span>
  )
}
