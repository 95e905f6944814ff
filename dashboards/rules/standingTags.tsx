import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import type { Standing } from './versions.ts'

/** How a rule stands: live, on trial, in shadow, with a newer draft. */
export function StandingTags({ standings }: { standings: readonly Standing[] }): ReactNode {
  const { t, word } = useWords()
  return (
    <span className="standings">
      {standings.map((standing) => (
        <span key={`${standing.state}${'version' in standing ? standing.version : ''}`} className={`standing standing-${standing.state}`} title={hintOf(standing)}>
          {standing.state === 'trial' ? t('rule.trialIn', { n: standing.areas.length }) : word('ruleState', standing.state)}
          {'version' in standing && ` v${standing.version}`}
        </span>
      ))}
    </span>
  )
}

function hintOf(standing: Standing): string | undefined {
  if (standing.state === 'trial') return standing.areas.join(', ')
  return standing.state === 'quarantined' ? standing.why : undefined
}
