import { UndoOutlined } from '@ant-design/icons'
import { Button, Input, InputNumber, Slider, Switch } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { type Param, paramHelp } from '../../domain/rule.ts'
import { useWords } from '../i18n/language.tsx'
import { boundsOf, durationText, msIn } from './duration.ts'
import { faultOf, isSameValue, rangeOf, type Scalar } from './range.ts'
import { unitSign } from './units.ts'
import './param.css'

export interface ParamFieldProps {
  name: string
  param: Param
  /** The value that is in force now; undefined when there is none. */
  live: Scalar | undefined
  /** The value that it had first; undefined where nobody knows. */
  initial: Scalar | undefined
  readOnly: boolean
  change: (value: Scalar) => void
}

export function ParamField({ name, param, live, initial, readOnly, change }: ParamFieldProps): ReactNode {
  const { t, word, name: inLanguage } = useWords()
  const changed = live !== undefined && !isSameValue(live, param.value)
  const label = word('param', name)
  return (
    <div className={`param${changed ? ' param-changed' : ''}`} data-testid={`param-${name}`}>
      <div className="param-head">
        <label htmlFor={`param-${name}`}>
          {label === name ? word('field', name) : label} <code>{name}</code>
        </label>
        {changed && (
          <Button size="small" type="text" disabled={readOnly} icon={<UndoOutlined />} title={t('rule.toLive')} onClick={() => change(live)}>
            {t('rule.liveIs', { value: `${String(live)}${unitSign(param.unit)}` })}
          </Button>
        )}
      </div>
      {param.help && <p className="muted param-help">{inLanguage({ zh: '', ...paramHelp(param) })}</p>}
      <div className="param-line">
        <ParamSlider name={label} param={param} live={live} readOnly={readOnly} change={change} />
        <ParamInput name={name} param={param} readOnly={readOnly} change={change} />
      </div>
      <ParamFacts param={param} initial={initial} />
    </div>
  )
}

/** The range that it must stay in and the value that it had first, in words. */
function ParamFacts({ param, initial }: Pick<ParamFieldProps, 'param' | 'initial'>): ReactNode {
  const { t, word } = useWords()
  const { min, max } = limitsIn(param)
  const sign = unitSign(param.unit)
  const shown = (value: Scalar): string => (typeof value === 'boolean' ? word('value', value ? 'yes' : 'no') : `${value}${sign}`)
  const facts = [
    min !== '' && max !== '' && t('rule.paramRange', { min: shown(min), max: shown(max) }),
    min !== '' && max === '' && t('rule.paramFrom', { min: shown(min) }),
    min === '' && max !== '' && t('rule.paramTo', { max: shown(max) }),
    initial !== undefined && t('rule.paramDefault', { value: shown(initial) }),
  ].filter((fact) => fact !== false)
  return facts.length > 0 && <p className="muted param-facts">{facts.join(' · ')}</p>
}

type SlidingProps = Omit<ParamFieldProps, 'initial'>

function ParamSlider({ name, param, live, readOnly, change }: SlidingProps): ReactNode {
  const { t } = useWords()
  const [began] = useState(param.value)
  const range = rangeOf(param, live ?? began)
  if (!range) return <span className="param-space" />
  if (range.by === 'number')
    return (
      <div className="param-slider">
        <Slider
          min={range.min}
          max={range.max}
          step={range.step}
          value={Number(param.value)}
          disabled={readOnly}
          ariaLabelForHandle={name}
          tooltip={{ formatter: null }}
          {...(typeof live === 'number' && { marks: { [live]: <span className="param-live" title={t('rule.live')} /> } })}
          onChange={change}
        />
        <span className="param-ends muted">
          <span>{range.min}</span>
          <span>{range.max}</span>
        </span>
      </div>
    )
  return <DurationSlider name={name} param={param} live={live} readOnly={readOnly} change={change} stops={range.stops} />
}

function DurationSlider({ name, param, live, readOnly, change, stops }: SlidingProps & { stops: readonly number[] }): ReactNode {
  const { t } = useWords()
  const text = (index: number | undefined): string => durationText(stops[index ?? 0] ?? 0)
  const liveAt = stops.indexOf(msIn(live) ?? -1)
  return (
    <div className="param-slider">
      <Slider
        min={0}
        max={stops.length - 1}
        step={1}
        value={stops.indexOf(msIn(param.value) ?? -1)}
        disabled={readOnly}
        ariaLabelForHandle={name}
        ariaValueTextFormatterForHandle={text}
        tooltip={{ formatter: text }}
        {...(liveAt >= 0 && { marks: { [liveAt]: <span className="param-live" title={t('rule.live')} /> } })}
        onChange={(index) => change(index === liveAt && live !== undefined ? live : text(index))}
      />
      <span className="param-ends muted">
        <span>{text(0)}</span>
        <span>{text(stops.length - 1)}</span>
      </span>
    </div>
  )
}

function ParamInput({ name, param, readOnly, change }: Omit<SlidingProps, 'live'>): ReactNode {
  const { t } = useWords()
  // What is being typed may be no value yet; the rule's text only ever gets one that is.
  const [typed, setTyped] = useState<Scalar | null>(param.value)
  useEffect(() => setTyped(param.value), [param.value])
  const fault = faultOf(param, typed)
  const take = (value: Scalar | null): void => {
    setTyped(value)
    if (value !== null && faultOf(param, value) === undefined) change(value)
  }
  const id = `param-${name}`
  if (typeof param.value === 'boolean') return <Switch id={id} checked={param.value} disabled={readOnly} onChange={take} />
  const common = {
    id,
    disabled: readOnly,
    status: fault ? ('error' as const) : ('' as const),
    title: fault ? t(`fault.${fault}`, limitsIn(param)) : '',
  }
  const unit = unitSign(param.unit).trim()
  return (
    <div className="param-input">
      {typeof param.value === 'number' ? (
        <InputNumber<number>
          {...common}
          value={typeof typed === 'number' ? typed : null}
          step={rangeStep(param)}
          {...(unit !== '' && { suffix: unit })}
          onChange={take}
          onBlur={() => fault && setTyped(param.value)}
        />
      ) : (
        <Input {...common} value={String(typed ?? '')} onChange={({ target }) => take(target.value)} onBlur={() => fault && setTyped(param.value)} />
      )}
      {fault && <span className="param-fault">{common.title}</span>}
    </div>
  )
}

function limitsIn(param: Param): { min: string | number; max: string | number } {
  if (param.unit !== 'duration') return { min: param.min ?? '', max: param.max ?? '' }
  const { min = 0, max = 0 } = boundsOf(param)
  return { min: durationText(min), max: durationText(max) }
}

function rangeStep(param: Param): number {
  const range = rangeOf(param)
  return range?.by === 'number' ? range.step : 1
}
