import { DeleteOutlined } from '@ant-design/icons'
import { AutoComplete, Button, Input, Table } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import type { Override } from '../../domain/rule.ts'
import { useWords } from '../i18n/language.tsx'
import { useCity, usePage } from '../shell/page.ts'
import type { AssetState } from '../state/city.ts'
import { useBench } from './bench.ts'
import { OverrideCell } from './overrideCell.tsx'
import type { Scalar } from './range.ts'
import { RejectionList } from './rejections.tsx'
import { overridesIn, withOverrides } from './ruleText.ts'
import { applies, overrides as concerns } from './scope.ts'

const RuleMap = lazy(() => import('../map/ruleMap.tsx'))
/** More than this nobody reads in a list: go on typing. */
const OFFERED = 30

/** Which assets the rule watches, on the map, and which of them have params of their own. */
export function WhereTab(): ReactNode {
  const { t, word } = useWords()
  const { live } = usePage()
  const { id, rule, draft, setText, mayEdit, params } = useBench()
  const places = useCity((city) => city.places)
  const list = overridesIn(rule)
  // Places change seldom, readings every second: the map of a rule needs only the first.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `places` stands for what is in the register and where
  const watched = useMemo(() => [...live.city.get().assets.values()].filter((asset) => applies(rule, asset)), [rule, places, live])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is read out of the rule
  const own = useMemo(() => new Set(watched.filter((asset) => list.some((override) => concerns(override, asset))).map(({ id }) => String(id))), [watched, rule])
  const write = (next: readonly Override[]): void => setText(withOverrides(draft.text, next))
  const add = (override: Override): void => write([...list, override])
  const first = Object.entries(params)[0]
  const addFor = mayEdit && first ? (asset: string) => list.some((one) => one.asset === asset) || add({ asset, params: { [first[0]]: first[1].value } }) : undefined
  return (
    <div className="where">
      <section className="where-table">
        <p className="where-count">
          <strong>{watched.length}</strong> {t('where.assets', { kind: rule.assets?.kind ? word('kind', rule.assets.kind) : '' })}
          {rule.assets?.area && ` · ${t('filter.area')} ${rule.assets.area}`}
          {Object.entries(rule.assets?.labels ?? {}).map(([name, value]) => ` · ${name} = ${value}`)}
          {own.size > 0 && <span className="muted"> · {t('where.own', { n: own.size })}</span>}
        </p>
        <RejectionList rule={id} add={addFor} />
        {addFor && <AddOverride watched={watched} taken={list} add={addFor} />}
        <OverrideTable list={list} write={write} />
      </section>
      <Suspense fallback={<div className="rule-map" />}>
        <RuleMap assets={watched} own={own} choose={addFor} />
      </Suspense>
    </div>
  )
}

function AddOverride({ watched, taken, add }: { watched: readonly AssetState[]; taken: readonly Override[]; add: (asset: string) => void }): ReactNode {
  const { t } = useWords()
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const found = watched
    .filter(({ id, name }) => !taken.some(({ asset }) => asset === id) && (id.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted)))
    .slice(0, OFFERED)
  return (
    <AutoComplete
      className="where-add"
      value={text}
      options={found.map(({ id, name }) => ({ value: id, label: name ? `${name} · ${id}` : id }))}
      onChange={setText}
      onSelect={(asset: string) => {
        add(asset)
        setText('')
      }}
    >
      <Input.Search placeholder={t('where.add')} aria-label={t('where.add')} />
    </AutoComplete>
  )
}

function OverrideTable({ list, write }: { list: readonly Override[]; write: (list: readonly Override[]) => void }): ReactNode {
  const { t, word } = useWords()
  const { params, mayEdit } = useBench()
  const replace = (index: number, override: Override): void => write(list.with(index, override))
  const setParam = (index: number, name: string, value: Scalar | undefined): void => {
    const override = list[index]
    if (!override) return
    const { [name]: _old, ...rest } = override.params
    replace(index, { ...override, params: value === undefined ? rest : { ...rest, [name]: value } })
  }
  return (
    <Table<Override & { index: number }>
      rowKey="index"
      size="small"
      pagination={list.length > 50 ? { pageSize: 50 } : false}
      scroll={{ x: true }}
      dataSource={list.map((override, index) => ({ ...override, index }))}
      locale={{ emptyText: t('where.noOverrides') }}
      columns={[
        { title: t('where.for'), render: (_, override) => <OverrideTarget override={override} /> },
        ...Object.entries(params).map(([name, param]) => ({
          title: word('param', name) === name ? word('field', name) : word('param', name),
          render: (_: unknown, { index, params: values }: Override & { index: number }) => (
            <OverrideCell name={name} param={param} value={values[name]} readOnly={!mayEdit} change={(value) => setParam(index, name, value)} />
          ),
        })),
        {
          title: t('where.note'),
          render: (_, { index, note = '' }) => {
            const { index: _index, ...override } = { ...list[index], params: list[index]?.params ?? {}, index }
            return (
              <Input
                size="small"
                variant="filled"
                className="where-note"
                value={note}
                disabled={!mayEdit}
                aria-label={t('where.note')}
                onChange={({ target }) => replace(index, { ...override, note: target.value })}
              />
            )
          },
        },
        {
          title: '',
          width: 32,
          render: (_, { index }) => (
            <Button size="small" type="text" danger disabled={!mayEdit} icon={<DeleteOutlined />} aria-label={t('where.remove')} onClick={() => write(list.toSpliced(index, 1))} />
          ),
        },
      ]}
    />
  )
}

function OverrideTarget({ override: { asset, area, labels } }: { override: Override }): ReactNode {
  const { t } = useWords()
  const name = useCity((city) => (asset === undefined ? undefined : city.assets.get(asset)?.name))
  return (
    <span className="where-target">
      {asset !== undefined && (
        <>
          {name || asset} {name && <span className="muted">{asset}</span>}
        </>
      )}
      {area !== undefined && `${t('filter.area')} ${area}`}
      {Object.entries(labels ?? {}).map(([label, value]) => ` ${label} = ${value}`)}
    </span>
  )
}
