import { Button, Empty, Segmented, Table, type TableColumnsType } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import type { Case } from '../../domain/case.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime, msOf } from '../i18n/times.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { memoLast, useStore } from '../state/store.ts'
import { CaseDue, CaseSummary } from './caseSummary.tsx'
import { isEnded } from './moves.ts'

const openedAt = (item: Case): string => item.history[0]?.at ?? ''
const NEVER = Number.MAX_SAFE_INTEGER
const dueMs = (item: Case): number => (item.dueAt === null ? NEVER : msOf(item.dueAt))
/** Running cases by what is due first, those without a clock after them, newest first. */
const byDue = (a: Case, b: Case): number => dueMs(a) - dueMs(b) || msOf(openedAt(b)) - msOf(openedAt(a))
const chosen = memoLast((cases: ReadonlyMap<string, Case>, ended: boolean): Case[] => [...cases.values()].filter((item) => isEnded(item.state) === ended).sort(byDue))

export default function CasesPage(): ReactNode {
  const { t } = useWords()
  const { route, go } = usePage()
  const opened = useStore(route, (state) => (state.page === 'cases' ? state.case : null))
  const [ended, setEnded] = useState(false)
  const cases = useCity((city) => city.cases)
  const items = chosen(cases, ended)
  const columns = useColumns()
  return (
    <div className="split">
      <div className="split-list">
        <Segmented
          value={ended ? 'ended' : 'running'}
          onChange={(value) => setEnded(value === 'ended')}
          options={[
            { value: 'running', label: `${t('case.running')} ${chosenCount(cases, false)}` },
            { value: 'ended', label: `${t('case.ended')} ${chosenCount(cases, true)}` },
          ]}
        />
        <Table<Case>
          rowKey="id"
          size="small"
          columns={columns}
          dataSource={items}
          pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
          rowClassName={(item) => (item.id === opened ? 'row-here' : 'row-click')}
          onRow={(item) => ({ onClick: () => go({ page: 'cases', case: item.id }) })}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t(ended ? 'case.none' : 'case.noneRunning')} /> }}
        />
      </div>
      {opened !== null && <OneCase id={opened} />}
    </div>
  )
}

function chosenCount(cases: ReadonlyMap<string, Case>, ended: boolean): number {
  let count = 0
  for (const item of cases.values()) if (isEnded(item.state) === ended) count++
  return count
}

function useColumns(): TableColumnsType<Case> {
  const { t, word, language } = useWords()
  const now = useNow(60_000)
  return useMemo(
    () => [
      {
        title: t('case.id'),
        dataIndex: 'id',
        render: (id: string) => (
          <a href={`/cases/${encodeURIComponent(id)}`} onClick={(event) => event.preventDefault()}>
            {id}
          </a>
        ),
      },
      { title: t('case.state'), dataIndex: 'state', render: (state: string) => <strong>{word('state', state)}</strong> },
      { title: t('case.type'), dataIndex: 'type', render: (type: string) => word('caseType', type) },
      { title: t('place.asset'), dataIndex: 'asset' },
      { title: t('place.department'), dataIndex: 'department' },
      { title: t('case.opened'), render: (_, item) => clockTime(openedAt(item), now, language) },
      { title: t('case.due'), render: (_, item) => <CaseDue item={item} /> },
    ],
    [t, word, language, now],
  )
}

function OneCase({ id }: { id: string }): ReactNode {
  const { t, name } = useWords()
  const { go } = usePage()
  const item = useCity((city) => city.cases.get(id))
  const { byId } = useCity((city) => city.alerts)
  return (
    <aside className="split-one">
      <h2>{id}</h2>
      <CaseSummary id={id} history />
      {item?.alerts.map((alert) => (
        <Button key={alert} block onClick={() => go({ page: 'map', alert })}>
          {t('case.toAlert')} {name(byId.get(alert)?.title ?? { zh: alert, en: alert })}
        </Button>
      ))}
    </aside>
  )
}
