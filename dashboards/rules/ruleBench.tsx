import { ArrowLeftOutlined } from '@ant-design/icons'
import { Badge, Button, Skeleton, Tabs } from 'antd'
import { type ReactNode, useState } from 'react'
import { type RuleRow, type RuleVersion, rules } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { Boundary } from '../shell/boundary.tsx'
import { useNow, usePage } from '../shell/page.ts'
import { useStore } from '../state/store.ts'
import { BacktestTab } from './backtestTab.tsx'
import { BenchContext, useBench, useBenchOf } from './bench.ts'
import { ConditionTab } from './conditionTab.tsx'
import { ConflictNote } from './conflictNote.tsx'
import { Dock } from './dock.tsx'
import { keptDraft } from './draft.ts'
import { ParamPanel } from './paramPanel.tsx'
import { FalseShare, PerDay, Reminders } from './ruleList.tsx'
import { SourceTab } from './sourceTab.tsx'
import { StandingTags } from './standingTags.tsx'
import { standingsOf } from './versions.ts'
import { VersionsTab } from './versionsTab.tsx'
import { WhereTab } from './whereTab.tsx'

const AGAIN_MS = 15_000

/** The workbench of one rule. */
export function RuleBench({ id }: { id: string }): ReactNode {
  const { reloadRules, live } = usePage()
  const moved = useStore(live.state, (state) => state.rules)
  const turn = useNow(AGAIN_MS)
  const [saved, setSaved] = useState(0)
  const key = `${id} ${turn} ${saved} ${moved}`
  const versions = useLoad(key, (signal) => rules.versions(id, signal))
  const head = useLoad(`${key} head`, (signal) => rules.one(id, signal))
  const reload = (): void => {
    setSaved((count) => count + 1)
    reloadRules()
  }
  const problem = versions.last ? undefined : versions.problem
  if (problem?.code === 'not_found' && keptDraft(localStorage, id)?.from === 0) return <Opened id={id} versions={NONE} head={undefined} reload={reload} />
  if (problem)
    return (
      <div className="rules">
        <BackToList />
        <ProblemNote problem={problem} again={versions.again} />
      </div>
    )
  return versions.last ? (
    <Opened key={versions.last.items.length === 0 ? 'new' : 'kept'} id={id} versions={versions.last.items} head={head.last} reload={reload} />
  ) : (
    <Skeleton active className="rules" />
  )
}

const NONE: readonly RuleVersion[] = []

function Opened({ id, versions, head, reload }: { id: string; versions: readonly RuleVersion[]; head: RuleRow | undefined; reload: () => void }): ReactNode {
  const bench = useBenchOf(id, versions, reload)
  return (
    <BenchContext value={bench}>
      <div className="bench" data-testid="rule-bench" data-dirty={bench.dirty}>
        <BenchHead head={head} />
        <ConflictNote />
        <div className="bench-body">
          <Boundary>
            <ParamPanel />
          </Boundary>
          <BenchTabs />
        </div>
        <Dock />
      </div>
    </BenchContext>
  )
}

function BackToList(): ReactNode {
  const { t } = useWords()
  const { go } = usePage()
  return <Button type="text" icon={<ArrowLeftOutlined />} aria-label={t('rule.back')} title={t('rule.back')} onClick={() => go({ page: 'rules', rule: null })} />
}

function BenchHead({ head }: { head: RuleRow | undefined }): ReactNode {
  const { t, name, word } = useWords()
  const { id, rule, from } = useBench()
  const title = rule.title ?? from?.file.title
  return (
    <header className="bench-head">
      <BackToList />
      <div className="bench-title">
        <h2>{title ? name(title) : id}</h2>
        <span className="muted rule-id">
          {id} · {word('observed', rule.on ?? '')}
        </span>
      </div>
      {head && <StandingTags standings={standingsOf(head)} />}
      {head && (
        <dl className="bench-stats">
          <div>
            <dt>{t('rule.firing')}</dt>
            <dd className={head.stats.firing > 0 ? 'firing' : ''}>{head.stats.firing}</dd>
          </div>
          <div>
            <dt>{t('rule.perDay')}</dt>
            <dd>
              <PerDay stats={head.stats} />
            </dd>
          </div>
          <div>
            <dt>{t('rule.falseShare')}</dt>
            <dd>
              <FalseShare stats={head.stats} />
            </dd>
          </div>
          {head.stats.reminders && (
            <div>
              <dt>{t('rule.reminders')}</dt>
              <dd>
                <Reminders stats={head.stats} />
              </dd>
            </div>
          )}
        </dl>
      )}
    </header>
  )
}

type TabKey = 'condition' | 'where' | 'backtest' | 'source' | 'versions'

function BenchTabs(): ReactNode {
  const { t } = useWords()
  const { faults, versions, rule, draft } = useBench()
  const [chosen, setChosen] = useState<TabKey>('condition')
  const label = (key: TabKey, count = 0, color?: string): ReactNode => (
    <span data-testid={`tab-${key}`}>
      {t(`rule.tab.${key}`)} {count > 0 && <Badge size="small" count={count} {...(color && { color })} />}
    </span>
  )
  // A text that one tab cannot draw is mended in another.
  const tab = (body: ReactNode): ReactNode => <Boundary of={draft.text}>{body}</Boundary>
  return (
    <Tabs
      className="bench-tabs"
      activeKey={chosen}
      onChange={(key) => setChosen(key as TabKey)}
      items={[
        { key: 'condition', label: label('condition', faults.length), children: tab(<ConditionTab />) },
        { key: 'where', label: label('where', rule.overrides?.length ?? 0, 'var(--muted)'), children: tab(<WhereTab />) },
        { key: 'backtest', label: label('backtest'), children: tab(<BacktestTab />) },
        { key: 'source', label: label('source'), children: tab(<SourceTab />) },
        { key: 'versions', label: label('versions', versions.length, 'var(--muted)'), children: tab(<VersionsTab />) },
      ]}
    />
  )
}
