import { Input, InputNumber, Select } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import type { Param } from '../../domain/rule.ts'
import { useWords } from '../i18n/language.tsx'
import type { Scalar } from './range.ts'
import { faultOf } from './range.ts'

interface OverrideCellProps {
  name: string
  param: Param
  /** Undefined: as the rule says. */
  value: Scalar | undefined
  readOnly: boolean
  change: (value: Scalar | undefined) => void
}

/** A param of one asset: empty means the rule's own value, which shows through. */
export function OverrideCell({ name, param, value, readOnly, change }: OverrideCellProps): ReactNode {
  const { word } = useWords()
  const [typed, setTyped] = useState<Scalar | undefined>(value)
  useEffect(() => setTyped(value), [value])
  const fault = typed !== undefined && typed !== '' && faultOf(param, typed) !== undefined
  const take = (next: Scalar | null | undefined): void => {
    const given = next === null || next === '' ? undefined : next
    setTyped(given)
    if (given === undefined || faultOf(param, given) === undefined) change(given)
  }
  const common = {
    size: 'small' as const,
    disabled: readOnly,
    placeholder: String(param.value),
    'aria-label': word('param', name),
    status: fault ? ('error' as const) : ('' as const),
  }
  if (typeof param.value === 'boolean')
    return (
      <Select
        {...common}
        allowClear
        value={typeof typed === 'boolean' ? String(typed) : null}
        options={[
          { value: 'true', label: word('value', 'yes') },
          { value: 'false', label: word('value', 'no') },
        ]}
        onChange={(text) => take(text ? text === 'true' : undefined)}
      />
    )
  if (typeof param.value === 'number') return <InputNumber<number> {...common} className="override-number" value={typeof typed === 'number' ? typed : null} onChange={take} />
  return <Input {...common} className="override-text" value={typeof typed === 'string' ? typed : ''} onChange={({ target }) => take(target.value)} />
}
