import { DeleteOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import type { ReactNode } from 'react'
import type { Algorithm, PictureZone } from '../../domain/camera.ts'
import { calendars as calendarsApi, type RuleRow } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { ParamField } from '../rules/paramField.tsx'
import { usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import { boundRules } from './bindings.ts'
import { ScoreChart } from './scoreChart.tsx'
import type { TrackedLook } from './useLooks.ts'
import { askOf } from './wouldCount.ts'

interface AlgorithmListProps {
  algorithms: readonly Algorithm[] | null
  setAlgorithms: (algorithms: Algorithm[] | null) => void
  zones: readonly PictureZone[]
  looks: readonly TrackedLook[]
  active: string | null
  choose: (rule: string) => void
  mayEdit: boolean
}

/** Which rules this camera serves, in which zones, when, and with which params of its own. */
export function AlgorithmList({ algorithms, setAlgorithms, zones, looks, active, choose, mayEdit }: AlgorithmListProps): ReactNode {
  const { t, name } = useWords()
  const { rules } = usePage()
  const bound = boundRules(algorithms, [...rules.values()])
  const bindings = bound.map(({ binding }) => binding)
  const free = [...rules.values()].filter(({ id, file }) => file.on === 'scene' && !bindings.some(({ rule }) => rule === id))
  const replace = (binding: Algorithm): void => setAlgorithms(bindings.map((one) => (one.rule === binding.rule ? binding : one)))
  return (
    <section className="algorithms" aria-label={t('camera.algorithms')}>
      <div className="section-head">
        <h3>{t('camera.algorithms')}</h3>
        {mayEdit && algorithms !== null && (
          <Button size="small" type="text" onClick={() => setAlgorithms(null)}>
            {t('camera.serveAll')}
          </Button>
        )}
      </div>
      {algorithms === null && <p className="muted">{t('camera.servesAll')}</p>}
      {bound.map(({ rule, binding }) => (
        <AlgorithmCard
          key={rule.id}
          rule={rule}
          binding={binding}
          zones={zones}
          looks={looks}
          active={rule.id === active}
          choose={() => choose(rule.id)}
          mayEdit={mayEdit}
          change={replace}
          remove={() => setAlgorithms(bindings.filter((one) => one.rule !== rule.id))}
        />
      ))}
      {mayEdit && free.length > 0 && (
        <Select
          className="algorithm-add"
          value={null}
          placeholder={t('camera.bind')}
          aria-label={t('camera.bind')}
          options={free.map(({ id, file }) => ({ value: id, label: name(file.title) }))}
          onChange={(rule: string | null) => rule !== null && setAlgorithms([...bindings, { rule, zones: [], schedule: null, everyS: null, params: {} }])}
        />
      )}
    </section>
  )
}

interface CardProps {
  rule: RuleRow
  binding: Algorithm
  zones: readonly PictureZone[]
  looks: readonly TrackedLook[]
  active: boolean
  choose: () => void
  mayEdit: boolean
  change: (binding: Algorithm) => void
  remove: () => void
}

function AlgorithmCard({ rule, binding, zones, looks, active, choose, mayEdit, change, remove }: CardProps): ReactNode {
  const { t, name } = useWords()
  const { value: calendars } = useLoad('calendars', calendarsApi.list)
  const ask = askOf(rule, binding, zones)
  const gone = binding.zones.filter((id) => !zones.some((zone) => zone.id === id))
  return (
    <article className={active ? 'algorithm algorithm-active' : 'algorithm'} data-testid={`algorithm-${rule.id}`}>
      <header>
        <button type="button" aria-pressed={active} onClick={choose}>
          {name(rule.file.title)}
        </button>
        <PlaceLink className="muted rule-id" to={{ page: 'rules', rule: rule.id }}>
          {rule.id}
        </PlaceLink>
        {mayEdit && <Button size="small" type="text" danger icon={<DeleteOutlined />} aria-label={t('camera.unbind')} onClick={remove} />}
      </header>
      <ScoreChart objects={looks.flatMap(({ objects }) => objects)} ask={ask} />
      {active && (
        <>
          <label className="algorithm-field" htmlFor={`zones-${rule.id}`}>
            <span>{t('camera.inZones')}</span>
            <Select
              id={`zones-${rule.id}`}
              mode="multiple"
              size="small"
              value={[...binding.zones]}
              status={gone.length > 0 ? 'error' : ''}
              disabled={!mayEdit}
              placeholder={t('camera.allOfType', { type: [...new Set(rule.sees.asks.flatMap(({ zone }) => zone ?? []))].join(' ') })}
              options={zones.map(({ id, type }) => ({ value: id, label: `${id} · ${type}` }))}
              onChange={(ids) => change({ ...binding, zones: ids })}
            />
          </label>
          <label className="algorithm-field" htmlFor={`schedule-${rule.id}`}>
            <span>{t('camera.schedule')}</span>
            <Select
              id={`schedule-${rule.id}`}
              allowClear
              size="small"
              value={binding.schedule}
              disabled={!mayEdit}
              placeholder={t('camera.always')}
              options={(calendars?.items ?? []).map(({ id, source }) => ({ value: id, label: source ? `${id} · ${source}` : id }))}
              onChange={(id) => change({ ...binding, schedule: id ?? null })}
            />
          </label>
          {Object.entries(rule.file.params).map(([param, described]) => (
            <ParamField
              key={param}
              name={param}
              param={{ ...described, value: binding.params[param] ?? described.value }}
              live={described.value}
              initial={described.value}
              readOnly={!mayEdit}
              change={(value) => {
                const { [param]: _old, ...rest } = binding.params
                // The rule's own value is no value of the camera's: it follows the rule.
                change({ ...binding, params: value === described.value ? rest : { ...rest, [param]: value } })
              }}
            />
          ))}
        </>
      )}
    </article>
  )
}
