import { PlusOutlined } from '@ant-design/icons'
import { Button, Empty, Input, Segmented, Select, Table } from 'antd'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { RuleStats } from '../../domain/authoring.ts'
import { roleAtLeast } from '../../domain/role.ts'
import { city, type RuleRow } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { Sparkline } from '../chart/sparkline.tsx'
import { useWords } from '../i18n/language.tsx'
import { useNow, usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import { useStore } from '../state/store.ts'
import { AuthorTabs } from './authorTabs.tsx'
import { NewRule } from './newRule.tsx'
import { RejectionHint } from './rejections.tsx'
import { filterRules, perDayText, type RuleFilter, STATE_FILTERS, sum } from './ruleFilter.ts'
import { StandingTags } from './standingTags.tsx'
import { standingsOf } from './versions.ts'

const AGAIN_MS = 20_000

/** Every rule: how it stands, what it says now, how often, and how often it was wrong. */
export function RuleList(): ReactNode {
  const { t, name, word } = useWords()
  const { go, who, takeRules, live } = usePage()
  const moved = useStore(live.state, (state) => state.rules)
  const turn = useNow(AGAIN_MS)
  const { last, problem, again } = useLoad(`rules ${turn} ${moved}`, city.rules)
  const [filter, setFilter] = useState<RuleFilter>({ text: '', state: 'all', kind: null })
  const [making, setMaking] = useState(false)
  useEffect(() => {
    if (last) takeRules(last.items)
  }, [last, takeRules])
  const rows = useMemo(() => filterRules(last?.items ?? [], filter), [last, filter])
  return (
    <div className="rules">
      <div className="rules-bar">
        <AuthorTabs here="rules" />
        <Input.Search
          allowClear
          className="rules-search"
          placeholder={t('rule.search')}
          aria-label={t('rule.search')}
          onChange={({ target }) => setFilter((before) => ({ ...before, text: target.value }))}
        />
        <Segmented
          aria-label={t('rule.state')}
          value={filter.state}
          options={STATE_FILTERS.map((state) => ({ value: state, label: state === 'all' ? t('scope.all') : word('ruleState', state) }))}
          onChange={(state) => setFilter((before) => ({ ...before, state }))}
        />
        <KindSelect rules={last?.items ?? []} kind={filter.kind} choose={(kind) => setFilter((before) => ({ ...before, kind }))} />
        {roleAtLeast(who.role, 'author') && (
          <Button className="bar-end" type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
            {t('rule.new')}
          </Button>
        )}
      </div>
      {problem && <ProblemNote problem={problem} again={again} />}
      <Table<RuleRow>
        rowKey="id"
        size="middle"
        pagination={false}
        loading={!last && !problem}
        dataSource={rows}
        scroll={{ x: 900 }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('rule.none')} /> }}
        rowClassName="rule-row"
        onRow={({ id }) => ({ onClick: () => go({ page: 'rules', rule: id }), 'data-testid': `rule-${id}` })}
        columns={[
          {
            title: t('rule.name'),
            render: (_, { id, file, stats }) => (
              <>
                <PlaceLink to={{ page: 'rules', rule: id }} className="rule-name">
                  {name(file.title)}
                </PlaceLink>
                <div className="muted rule-id">
                  {id} · {word('observed', file.on)}
                </div>
                <RejectionHint rule={id} stats={stats} />
              </>
            ),
          },
          { title: t('rule.state'), width: 230, render: (_, rule) => <StandingTags standings={standingsOf(rule)} /> },
          { title: t('rule.firing'), width: 100, align: 'center', render: (_, { stats }) => <span className={stats.firing > 0 ? 'firing' : 'muted'}>{stats.firing}</span> },
          { title: t('rule.perDay'), width: 200, render: (_, { stats }) => <PerDay stats={stats} /> },
          { title: t('rule.falseShare'), width: 190, render: (_, { stats }) => <FalseShare stats={stats} /> },
          ...(last?.items.some(({ stats }) => stats.reminders !== null)
            ? [{ title: t('rule.reminders'), width: 210, render: (_: unknown, { stats }: RuleRow) => <Reminders stats={stats} /> }]
            : []),
          { title: t('rule.shadowCompared'), width: 210, responsive: ['xl'], render: (_, { stats }) => <ShadowCompared stats={stats} /> },
        ]}
      />
      {making && <NewRule taken={new Set((last?.items ?? []).map(({ id }) => id))} close={() => setMaking(false)} />}
    </div>
  )
}

function KindSelect({ rules, kind, choose }: { rules: readonly RuleRow[]; kind: string | null; choose: (kind: string | null) => void }): ReactNode {
  const { t, word } = useWords()
  const kinds = [...new Set(rules.map(({ file }) => file.on))].sort()
  return (
    <Select
      allowClear
      className="rules-kind"
      placeholder={t('rule.on')}
      aria-label={t('rule.on')}
      value={kind}
      options={kinds.map((value) => ({ value, label: word('observed', value) }))}
      onChange={(value) => choose(value ?? null)}
    />
  )
}

export function PerDay({ stats: { perDay } }: { stats: RuleStats }): ReactNode {
  const { t } = useWords()
  const total = sum(perDay)
  return (
    <span className="per-day">
      <Sparkline counts={perDay} label={t('rule.perDayIn', { n: total, days: perDay.length, today: perDay.at(-1) ?? 0 })} />
      <span className={total > 0 ? '' : 'muted'}>{perDayText(perDay)}</span>
    </span>
  )
}

/** Red from a third on: more than that and operators stop looking. */
const MANY = 0.33
const SOME = 0.1

export function FalseShare({ stats: { judged, falseAlarmShare } }: { stats: RuleStats }): ReactNode {
  const { t } = useWords()
  if (falseAlarmShare === null) return <span className="muted">{t('rule.notJudged')}</span>
  const tone = falseAlarmShare >= MANY ? 'bad' : falseAlarmShare >= SOME ? 'fair' : 'good'
  return (
    <span className={`share share-${tone}`} title={t('rule.shareOf', { n: judged })}>
      <span className="share-bar">
        <span className="share-filled" style={{ width: `${falseAlarmShare * 100}%` }} />
      </span>
      {Math.round(falseAlarmShare * 100)}% <span className="muted">/ {judged}</span>
    </span>
  )
}

/** What came of reminding people first, for rules that do. */
export function Reminders({ stats: { reminders } }: { stats: RuleStats }): ReactNode {
  const { t } = useWords()
  return reminders ? <span>{t('rule.reminded', reminders)}</span> : <span className="muted">—</span>
}

function ShadowCompared({ stats: { shadow } }: { stats: RuleStats }): ReactNode {
  const { t } = useWords()
  if (!shadow) return <span className="muted">—</span>
  return <span>{t('rule.shadowRaised', { version: shadow.version, raised: shadow.raised, same: shadow.same })}</span>
}
