import { App, Button, Empty, Segmented, Table, type TableColumnsType, Tag } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { areaContains } from '../../domain/area.ts'
import { type Principal, roleAtLeast } from '../../domain/role.ts'
import type { SilenceView } from '../../domain/silence.ts'
import { silences } from '../api/client.ts'
import { problemOf } from '../api/problem.ts'
import { ProblemNote, useProblemText } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords, type Words } from '../i18n/language.tsx'
import { clockTime, fullTime } from '../i18n/times.ts'
import { useNow, usePage } from '../shell/page.ts'

const STATES = { running: 'active,scheduled', past: 'expired,removed' } as const

/** All silences: what, from when to when, by whom, why, and what each keeps quiet now. */
export default function SilenceList(): ReactNode {
  const { t } = useWords()
  const [which, setWhich] = useState<keyof typeof STATES>('running')
  const read = useLoad(which, (signal) => silences.list({ state: STATES[which], limit: 500 }, signal))
  const columns = useColumns(read.again)
  return (
    <div className="silences" data-testid="silences">
      <Segmented value={which} onChange={setWhich} options={(['running', 'past'] as const).map((value) => ({ value, label: t(`silence.${value}`) }))} />
      {read.problem && <ProblemNote problem={read.problem} again={read.again} />}
      <Table<SilenceView>
        rowKey="id"
        size="small"
        loading={read.loading}
        columns={columns}
        dataSource={read.value?.items ?? []}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('silence.none')} /> }}
      />
    </div>
  )
}

function useColumns(again: () => void): TableColumnsType<SilenceView> {
  const words = useWords()
  const { who } = usePage()
  const now = useNow(60_000)
  return useMemo(() => {
    const { t, word, language } = words
    return [
      {
        title: t('silence.what'),
        render: (_, silence) => (
          <>
            <Tag>{word('silenceKind', silence.kind)}</Tag>
            {whatOf(silence, words)}
          </>
        ),
      },
      {
        title: t('silence.until'),
        render: (_, { from, to, state }) => (
          <span title={`${fullTime(from)} – ${fullTime(to)}`}>
            {clockTime(from, now, language)} – {clockTime(to, now, language)} <span className="muted">{word('silenceState', state)}</span>
          </span>
        ),
      },
      { title: t('silence.by'), render: (_, { by, removedBy }) => (removedBy === null || removedBy === by ? by : `${by} / ${removedBy}`) },
      { title: t('silence.why'), dataIndex: 'reason' },
      { title: t('silence.now'), dataIndex: 'quiet', align: 'right' },
      { title: '', render: (_, silence) => mayEnd(silence, who) && <End silence={silence} ended={again} /> },
    ]
  }, [words, who, now, again])
}

function whatOf({ matchers }: SilenceView, { word, t }: Words): string {
  const { asset, rule, area, key, severity } = matchers
  const parts = [asset, key === asset ? undefined : key, rule, area, severity?.map((each) => word('severity', each)).join('/')].filter((part) => part !== undefined)
  return [...(asset === undefined && area === undefined && key === undefined ? [t('silence.everywhere')] : []), ...parts].join(' · ')
}

function mayEnd({ state, matchers }: SilenceView, who: Principal): boolean {
  const running = state === 'active' || state === 'scheduled'
  return running && roleAtLeast(who.role, 'operator') && (matchers.area === undefined || areaContains(who.area, matchers.area))
}

function End({ silence, ended }: { silence: SilenceView; ended: () => void }): ReactNode {
  const { t } = useWords()
  const { message } = App.useApp()
  const text = useProblemText()
  const [busy, setBusy] = useState(false)
  const end = async (): Promise<void> => {
    setBusy(true)
    try {
      await silences.end(silence.id)
      void message.success(t('silence.ended'))
    } catch (thrown) {
      void message.error(text(problemOf(thrown)).title)
    }
    ended()
  }
  return (
    <Button size="small" loading={busy} data-testid="btn-silence-end" onClick={() => void end()}>
      {t('silence.end')}
    </Button>
  )
}
