import { Button, Input, Table, Tabs, Tag } from 'antd'
import { type ReactNode, useState } from 'react'
import type { LedgerView, RejectView } from '../../domain/ports/telemetry.ts'
import { city } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import type { List } from '../api/request.ts'
import { type Loaded, useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime, lengthOfTime } from '../i18n/times.ts'
import { useNow } from '../shell/page.ts'

/** What came in from the field and what was refused: the two books that a gateway's owner asks for. */
export default function DevicesPage(): ReactNode {
  const { t } = useWords()
  return (
    <Tabs
      items={[
        { key: 'ledger', label: t('ledger.title'), children: <Ledger /> },
        { key: 'rejects', label: t('rejects.title'), children: <Rejects /> },
      ]}
    />
  )
}

function Ledger(): ReactNode {
  const { t, word, language } = useWords()
  const now = useNow(60_000)
  const [device, setDevice] = useState('')
  const [cursors, setCursors] = useState<string[]>([])
  const cursor = cursors[cursors.length - 1]
  const loaded = useLoad(`ledger ${device} ${cursor}`, (signal) => city.ledger({ device, cursor, limit: 100 }, signal))
  return (
    <>
      <Input.Search
        allowClear
        className="search"
        placeholder={t('ledger.search')}
        aria-label={t('ledger.search')}
        onSearch={(text) => {
          setDevice(text.trim())
          setCursors([])
        }}
      />
      <Trouble loaded={loaded} />
      <Table<LedgerView>
        rowKey="device"
        size="small"
        pagination={false}
        loading={loaded.loading}
        dataSource={loaded.value?.items ?? []}
        columns={[
          { title: t('ledger.device'), dataIndex: 'device' },
          { title: t('ledger.gateway'), dataIndex: 'gateway' },
          { title: t('ledger.lastSeen'), render: (_, row) => clockTime(row.lastSeen, now, language) },
          { title: t('ledger.received'), dataIndex: 'received', align: 'right' },
          { title: t('ledger.duplicates'), dataIndex: 'duplicates', align: 'right' },
          { title: t('ledger.rejected'), align: 'right', render: (_, row) => (row.rejected > 0 ? <span className="state state-firing">{row.rejected}</span> : 0) },
          {
            title: t('ledger.gaps'),
            align: 'right',
            render: (_, { gaps }) =>
              gaps.length > 0 ? (
                <span className="state state-recovering" title={gaps.map(({ from, to }) => `${from}–${to}`).join(', ')}>
                  {gaps.length}
                </span>
              ) : (
                '—'
              ),
          },
          {
            title: t('ledger.skew'),
            align: 'right',
            render: (_, row) => `${row.skewMs < 0 ? '−' : ''}${Math.abs(row.skewMs) < 1000 ? `${Math.abs(row.skewMs)} ms` : lengthOfTime(row.skewMs, language)}`,
          },
          { title: t('ledger.clock'), render: (_, row) => <span className={`state state-${row.clock === 'ok' ? 'resolved' : 'recovering'}`}>{word('clock', row.clock)}</span> },
        ]}
      />
      <Pager cursors={cursors} next={loaded.value?.next} go={setCursors} />
    </>
  )
}

function Rejects(): ReactNode {
  const { t, word, language } = useWords()
  const now = useNow(60_000)
  const [cursors, setCursors] = useState<string[]>([])
  const cursor = cursors[cursors.length - 1]
  const loaded = useLoad(`rejects ${cursor}`, (signal) => city.rejects({ cursor, limit: 100 }, signal))
  return (
    <>
      <Trouble loaded={loaded} />
      <Table<RejectView & { index: number }>
        rowKey="index"
        size="small"
        pagination={false}
        loading={loaded.loading}
        dataSource={(loaded.value?.items ?? []).map((row, index) => ({ ...row, index }))}
        columns={[
          { title: t('rejects.at'), render: (_, row) => clockTime(row.at, now, language) },
          { title: t('ledger.gateway'), dataIndex: 'gateway' },
          { title: t('rejects.code'), render: (_, row) => <Tag>{row.code}</Tag> },
          { title: t('rejects.why'), render: (_, row) => (word('error', row.code) === row.code ? row.why : word('error', row.code)) },
          { title: t('rejects.topic'), render: (_, row) => <code>{row.topic}</code> },
          { title: t('rejects.bytes'), dataIndex: 'bytes', align: 'right' },
        ]}
      />
      <Pager cursors={cursors} next={loaded.value?.next} go={setCursors} />
    </>
  )
}

function Trouble({ loaded }: { loaded: Loaded<List<unknown>> }): ReactNode {
  return loaded.problem ? <ProblemNote problem={loaded.problem} again={loaded.again} /> : null
}

function Pager({ cursors, next, go }: { cursors: string[]; next: string | null | undefined; go: (cursors: string[]) => void }): ReactNode {
  const { t } = useWords()
  if (cursors.length === 0 && !next) return null
  return (
    <div className="pager">
      <Button disabled={cursors.length === 0} onClick={() => go(cursors.slice(0, -1))}>
        {t('pager.back')}
      </Button>
      <Button disabled={!next} onClick={() => next && go([...cursors, next])}>
        {t('pager.next')}
      </Button>
    </div>
  )
}
