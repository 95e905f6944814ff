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
  return (
    <>
      {problem && <ProblemNote problem={problem} again={again} />}
      <h2>
        {t('page.health')} <State state={last.status} />
      </h2>
      <div className="parts">
        {Object.entries(last.parts ?? {}).map(([name, { state, why, ...facts }]) => (
          <Card key={name} size="small" title={word('part', name)} extra={<State state={state} />}>
            {why && <p className="part-why">{why}</p>}
            {word('partHelp', name) !== name && <p className="muted">{word('partHelp', name)}</p>}
            <Facts value={facts} />
          </Card>
        ))}
      </div>
    </>
  )
}

function State({ state }: { state: string }): ReactNode {
  const { word } = useWords()
  return <span className={`state state-${state === 'ok' ? 'resolved' : 'firing'}`}>{word('health', state)}</span>
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
