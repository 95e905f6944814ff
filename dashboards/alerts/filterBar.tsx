import { FilterOutlined, SearchOutlined, SortAscendingOutlined } from '@ant-design/icons'
import { Badge, Button, Input, Popover, Segmented, Select, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { useCity, usePage } from '../shell/page.ts'
import { useStore } from '../state/store.ts'
import { countsOf, EVERYTHING, type Filter, narrowing } from './filter.ts'
import { CONDITIONS, REVIEWS, SEVERITIES } from './words.ts'
import { useWorkbench } from './workbench.tsx'

export function FilterBar({ shown }: { shown: number }): ReactNode {
  const { t } = useWords()
  const { filter, setFilter } = useWorkbench()
  const { prefs } = usePage()
  const sorting = useStore(prefs, (state) => state.sorting)
  const counts = useCity((city) => countsOf(city.alerts))
  const narrowed = narrowing({ ...filter, text: '' })
  return (
    <div className="filter">
      <Segmented<Filter['scope']>
        block
        aria-label={t('filter.scope')}
        value={filter.scope}
        onChange={(scope) => setFilter((before) => ({ ...before, scope }))}
        options={(['todo', 'active', 'all'] as const).map((scope) => ({ value: scope, label: `${t(`scope.${scope}`)} ${counts[scope]}` }))}
      />
      <div className="filter-line">
        <Input
          id="alert-search"
          allowClear
          prefix={<SearchOutlined />}
          placeholder={t('filter.search')}
          aria-label={t('filter.search')}
          value={filter.text}
          onChange={({ target }) => setFilter((before) => ({ ...before, text: target.value }))}
        />
        <Popover trigger="click" placement="bottomRight" content={<FilterForm />}>
          <Badge count={narrowed} size="small">
            <Button icon={<FilterOutlined />} aria-label={t('filter.more')} title={t('filter.more')} type={narrowed > 0 ? 'primary' : 'default'} />
          </Badge>
        </Popover>
        <Tooltip title={t(sorting === 'urgent' ? 'sort.urgent' : 'sort.newest')}>
          <Button
            icon={<SortAscendingOutlined />}
            aria-label={t('sort.label')}
            type={sorting === 'urgent' ? 'primary' : 'default'}
            onClick={() => prefs.update((state) => ({ ...state, sorting: sorting === 'urgent' ? 'newest' : 'urgent' }))}
          />
        </Tooltip>
      </div>
      <span className="unseen" role="status">
        {t('list.count', { n: shown })}
      </span>
    </div>
  )
}

function FilterForm(): ReactNode {
  const { t, word, name } = useWords()
  const { filter, setFilter } = useWorkbench()
  const { rules, prefs } = usePage()
  const { sound, follow } = useStore(prefs, (state) => state)
  const put = (part: Partial<Filter>): void => setFilter((before) => ({ ...before, ...part }))
  const many = { mode: 'multiple', allowClear: true, style: { width: '100%' } } as const
  return (
    <div className="filter-form">
      <Row label={t('filter.condition')}>
        <Select
          {...many}
          value={[...filter.condition]}
          onChange={(condition) => put({ condition })}
          options={CONDITIONS.map((value) => ({ value, label: word('condition', value) }))}
        />
      </Row>
      <Row label={t('filter.review')}>
        <Select {...many} value={[...filter.review]} onChange={(review) => put({ review })} options={REVIEWS.map((value) => ({ value, label: word('review', value) }))} />
      </Row>
      <Row label={t('filter.severity')}>
        <Select
          {...many}
          value={[...filter.severity]}
          onChange={(severity) => put({ severity })}
          options={SEVERITIES.map((value) => ({ value, label: word('severity', value) }))}
        />
      </Row>
      <Row label={t('filter.rule')}>
        <Select
          {...many}
          value={[...filter.rule]}
          onChange={(rule) => put({ rule })}
          options={[...rules.values()].map(({ id, file }) => ({ value: id, label: name(file.title) }))}
        />
      </Row>
      <Row label={t('filter.area')}>
        <Input allowClear value={filter.area} placeholder={t('filter.areaHint')} onChange={({ target }) => put({ area: target.value.trim() })} />
      </Row>
      <Button block disabled={narrowing(filter) === 0} onClick={() => setFilter({ ...EVERYTHING, scope: filter.scope, quiet: filter.quiet })}>
        {t('filter.clear')}
      </Button>
      <hr />
      <Switchable label={t('prefs.sound')} on={sound} turn={(on) => prefs.update((state) => ({ ...state, sound: on }))} />
      <Switchable label={t('prefs.follow')} on={follow} turn={(on) => prefs.update((state) => ({ ...state, follow: on }))} />
    </div>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <fieldset className="filter-row">
      <legend>{label}</legend>
      {children}
    </fieldset>
  )
}

function Switchable({ label, on, turn }: { label: string; on: boolean; turn: (on: boolean) => void }): ReactNode {
  return (
    <label className="switchable">
      <input type="checkbox" checked={on} onChange={({ target }) => turn(target.checked)} /> {label}
    </label>
  )
}
