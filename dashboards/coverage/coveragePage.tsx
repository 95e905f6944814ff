import { Button, Empty, Input, Segmented, Select, Table } from 'antd'
import { type ReactNode, useState } from 'react'
import { NO_ALGORITHM } from '../../domain/coverage.ts'
import type { CoverageView } from '../../domain/ports/coverage.ts'
import { DAY, MINUTE } from '../../domain/time.ts'
import { city } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import './coverage.css'
import { HeatStrip } from './heatStrip.tsx'
import type { Tone } from './strip.ts'

const DAYS = [1, 3, 7] as const
const LEGEND: readonly Tone[] = ['seen', 'little', 'much', 'blind', 'off', 'unknown']

/** Which camera × algorithm was really looked at, hour by hour; what was blind longest stands first. */
export default function CoveragePage(): ReactNode {
  const { t } = useWords()
  const to = useNow(MINUTE)
  const [days, setDays] = useState<number>(1)
  const [camera, setCamera] = useState('')
  const [algorithm, setAlgorithm] = useState<string | null>(null)
  const [cursors, setCursors] = useState<string[]>([])
  const cursor = cursors[cursors.length - 1]
  const from = to - days * DAY
  const query = { camera, algorithm: algorithm ?? '', from: new Date(from).toISOString(), to: new Date(to).toISOString(), cursor, limit: 50 }
  // A page stays as it was read while somebody leafs on: the order moves with every minute.
  const { last, loading, problem, again } = useLoad(`coverage ${camera} ${algorithm} ${days} ${cursor ?? Math.floor(to / MINUTE)}`, (signal) => city.coverage(query, signal))
  const afresh =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      set(value)
      setCursors([])
    }
  return (
    <div data-testid="coverage">
      <div className="coverage-bar">
        <Input.Search allowClear placeholder={t('coverage.camera')} aria-label={t('coverage.camera')} onSearch={(text) => afresh(setCamera)(text.trim())} />
        <AlgorithmSelect value={algorithm} change={afresh(setAlgorithm)} />
        <Segmented value={days} options={DAYS.map((value) => ({ value, label: t('coverage.days', { n: value }) }))} onChange={afresh(setDays)} />
        <Legend />
      </div>
      {problem && <ProblemNote problem={problem} again={again} />}
      <Pairs items={last?.items ?? []} loading={loading} from={from} to={to} />
      {(cursors.length > 0 || last?.next) && (
        <div className="pager">
          <Button disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
            {t('pager.back')}
          </Button>
          <Button disabled={!last?.next} onClick={() => last?.next && setCursors([...cursors, last.next])}>
            {t('pager.next')}
          </Button>
        </div>
      )}
    </div>
  )
}

function AlgorithmSelect({ value, change }: { value: string | null; change: (algorithm: string | null) => void }): ReactNode {
  const { t, name } = useWords()
  const { rules } = usePage()
  const scenes = [...rules.values()].filter(({ file }) => file.on === 'scene')
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      value={value}
      placeholder={t('coverage.algorithm')}
      aria-label={t('coverage.algorithm')}
      options={scenes.map(({ id, file }) => ({ value: id, label: name(file.title) }))}
      onChange={(next) => change(next ?? null)}
    />
  )
}

function Legend(): ReactNode {
  const { word } = useWords()
  return (
    <span className="strip-legend muted">
      {LEGEND.map((tone) => (
        <span key={tone}>
          <i className={`strip-hour strip-${tone}`} /> {word('tone', tone)}
        </span>
      ))}
    </span>
  )
}

interface PairsProps {
  items: readonly CoverageView[]
  loading: boolean
  from: number
  to: number
}

function Pairs({ items, loading, from, to }: PairsProps): ReactNode {
  const { t, word } = useWords()
  return (
    <Table<CoverageView>
      rowKey={({ camera, algorithm }) => `${camera} ${algorithm}`}
      size="small"
      pagination={false}
      loading={loading && items.length === 0}
      dataSource={[...items]}
      locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('coverage.none')} /> }}
      columns={[
        { title: t('page.cameras'), width: 200, render: (_, { camera }) => <CameraName camera={camera} /> },
        { title: t('coverage.algorithm'), width: 180, render: (_, { algorithm }) => <AlgorithmName algorithm={algorithm} /> },
        { title: t('coverage.hours'), render: (_, pair) => <HeatStrip pair={pair} from={from} to={to} /> },
        {
          title: t('coverage.blind'),
          width: 110,
          align: 'right',
          render: (_, { blindMinutes }) => (blindMinutes > 0 ? <span className="state state-firing">{t('coverage.minutes', { n: blindMinutes })}</span> : '0'),
        },
        { title: t('coverage.cause'), width: 120, render: (_, { cause }) => (cause === null ? '—' : word('cause', cause)) },
        { title: t('coverage.looks'), width: 130, align: 'right', render: (_, { inferred, frames }) => `${inferred} / ${frames}` },
      ]}
    />
  )
}

function CameraName({ camera }: { camera: string }): ReactNode {
  const name = useCity((state) => state.assets.get(camera)?.name)
  return (
    <>
      <PlaceLink to={{ page: 'cameras', camera }}>{name || camera}</PlaceLink>
      {name && <div className="muted rule-id">{camera}</div>}
    </>
  )
}

function AlgorithmName({ algorithm }: { algorithm: string }): ReactNode {
  const { name, t } = useWords()
  const { rules } = usePage()
  const rule = rules.get(algorithm)
  if (rule) return <PlaceLink to={{ page: 'rules', rule: algorithm }}>{name(rule.file.title)}</PlaceLink>
  return <span className="muted">{algorithm === NO_ALGORITHM ? t('coverage.noAlgorithm') : algorithm}</span>
}
