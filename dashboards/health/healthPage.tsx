import { Card, Spin } from 'antd'
import type { ReactNode } from 'react'
import { city } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { useNow } from '../shell/page.ts'

/** How the platform is, as it says itself. Parts that a later release adds appear here without a change of this page. */
export default function HealthPage(): ReactNode {
  const { t, word } = useWords()
  const turn = useNow(5000)
  const { last, problem, again } = useLoad(`health ${turn}`, city.health)
  if (!last) return problem ? <ProblemNote problem={problem} again={again} /> : <Spin className="sheet-wait" />
  const { status, ...detail } = last
  const plain = Object.entries(detail).filter(([, value]) => typeof value !== 'object' || value === null)
  const parts = Object.entries(detail).filter((part): part is [string, object] => typeof part[1] === 'object' && part[1] !== null)
  return (
    <>
      {problem && <ProblemNote problem={problem} again={again} />}
      <h2>
        {t('page.health')} <span className={`state state-${status === 'ok' ? 'resolved' : 'firing'}`}>{word('health', status)}</span>
      </h2>
      <div className="parts">
        {plain.length > 0 && (
          <Card size="small" title={t('health.general')}>
            <Facts value={Object.fromEntries(plain)} />
          </Card>
        )}
        {parts.map(([name, value]) => (
          <Card key={name} size="small" title={word('part', name)}>
            <Facts value={value} />
          </Card>
        ))}
      </div>
    </>
  )
}

function Facts({ value }: { value: object }): ReactNode {
  const entries: [string, unknown][] = Array.isArray(value) ? value.map((item, index) => [String(index + 1), item]) : Object.entries(value)
  return (
    <dl className="facts">
      {entries.map(([name, item]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof item === 'object' && item !== null ? <Facts value={item} /> : String(item)}</dd>
        </div>
      ))}
    </dl>
  )
}
