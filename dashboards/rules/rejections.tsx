import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { RuleStats } from '../../domain/authoring.ts'
import { useWords } from '../i18n/language.tsx'
import { useCity, usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'

type Rejection = RuleStats['rejections'][number]

/** Verdicts suggest (S11): where a rule was wrong again and again, in the list of rules; the workbench is a click away. */
export function RejectionHint({ rule, stats: { rejections } }: { rule: string; stats: RuleStats }): ReactNode {
  const { t } = useWords()
  const [first, ...others] = rejections
  if (!first) return null
  return (
    <PlaceLink to={{ page: 'rules', rule }} className="warn rule-hint">
      {t('rule.rejected', { asset: first.asset, n: first.rejected })}
      {others.length > 0 && ` ${t('rule.rejectedMore', { n: others.length })}`}
    </PlaceLink>
  )
}

/** The same on the workbench, each with what helps: params of its own for that asset. `add` is undefined where nothing may be changed. */
export function RejectionList({ rule, add }: { rule: string; add: ((asset: string) => void) | undefined }): ReactNode {
  const rejections = usePage().rules.get(rule)?.stats.rejections ?? []
  return (
    rejections.length > 0 && (
      <ul className="rejections" data-testid="rejections">
        {rejections.map((rejection) => (
          <RejectedAt key={rejection.asset} rejection={rejection} add={add} />
        ))}
      </ul>
    )
  )
}

function RejectedAt({ rejection: { asset, rejected }, add }: { rejection: Rejection; add: ((asset: string) => void) | undefined }): ReactNode {
  const { t } = useWords()
  const name = useCity((city) => city.assets.get(asset)?.name)
  return (
    <li className="warn">
      {t('rule.rejected', { asset: name || asset, n: rejected })}{' '}
      {add && (
        <Button size="small" onClick={() => add(asset)}>
          {t('rule.ownParams')}
        </Button>
      )}
    </li>
  )
}
