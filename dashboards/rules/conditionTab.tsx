import { Input } from 'antd'
import { type ReactNode, useMemo } from 'react'
import { rules } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import type { TextKey } from '../i18n/text.ts'
import { useBench } from './bench.ts'
import { CodeArea, FaultList } from './codeArea.tsx'
import { wordsFor } from './completion.ts'
import { faultsWithin } from './places.ts'
import { type TextPath, withValue } from './ruleText.ts'

interface Part {
  path: TextPath
  label: TextKey
  value: string
}

/** When the rule fires, how long it must hold, when it is over: each part a field, all of them the one text. */
export function ConditionTab(): ReactNode {
  const { t } = useWords()
  const { rule, faults, unchecked } = useBench()
  const parts: Part[] = [
    { path: ['when'], label: 'rule.part.when', value: rule.when ?? '' },
    ...(rule.clear === undefined ? [] : [{ path: ['clear', 'when'] as const, label: 'rule.part.clear' as const, value: rule.clear.when ?? '' }]),
    ...(rule.severity === undefined ? [] : [{ path: ['severity'] as const, label: 'rule.part.severity' as const, value: rule.severity }]),
    ...(rule.inform === undefined ? [] : [{ path: ['inform'] as const, label: 'rule.part.inform' as const, value: rule.inform }]),
  ]
  return (
    <div className="condition-tab">
      {parts.map((part) => (
        <PartField key={part.label} {...part} />
      ))}
      <Holds />
      {unchecked && <p className="muted">{t('rule.unchecked', { code: unchecked.code })}</p>}
      <OtherFaults parts={parts} all={faults.length} />
    </div>
  )
}

function PartField({ path, label, value }: Part): ReactNode {
  const { t } = useWords()
  const { rule, params, draft, setText, mayEdit, faults, warnings } = useBench()
  const language = useLoad(rule.on === undefined ? null : `${rule.on} ${rule.each}`, (signal) => rules.language(rule.on ?? 'cover', rule.each, signal))
  const words = useMemo(() => wordsFor(params, language.value?.words ?? []), [params, language.value])
  const own = faultsWithin(draft.text, path, value, faults)
  return (
    <section className="part">
      <h3>{t(label)}</h3>
      <CodeArea
        value={value}
        change={(text) => setText(withValue(draft.text, path, text))}
        language="condition"
        label={t(label)}
        readOnly={!mayEdit}
        faults={own}
        words={words}
        testId={`part-${path.join('.')}`}
      />
      <FaultList faults={own} lines={value.includes('\n')} />
      <FaultList faults={faultsWithin(draft.text, path, value, warnings)} lines={value.includes('\n')} mild />
    </section>
  )
}

function Holds(): ReactNode {
  const { t } = useWords()
  const { rule, from, draft, setText, mayEdit, params } = useBench()
  const fields: { path: TextPath; label: TextKey; value: string | undefined; otherwise: string }[] = [
    { path: ['for'], label: 'rule.hold.for', value: rule.for, otherwise: from?.file.for ?? '0' },
    ...(rule.clear
      ? [{ path: ['clear', 'for'] as const, label: 'rule.hold.clear' as const, value: rule.clear.for, otherwise: '0' }]
      : [{ path: ['keepFiringFor'] as const, label: 'rule.hold.keep' as const, value: rule.keepFiringFor, otherwise: from?.file.keepFiringFor ?? '0' }]),
    { path: ['coolDown'], label: 'rule.hold.coolDown', value: rule.coolDown, otherwise: from?.file.coolDown ?? '0' },
  ]
  return (
    <section className="holds">
      {fields.map(({ path, label, value, otherwise }) => {
        const named = /^params\.(\w+)$/.exec(value ?? '')?.[1]
        return (
          <label key={label} htmlFor={label}>
            <span>{t(label)}</span>
            <Input
              id={label}
              value={value ?? ''}
              placeholder={otherwise}
              disabled={!mayEdit}
              {...(named && params[named] && { suffix: <span className="muted">= {String(params[named].value)}</span> })}
              onChange={({ target }) => setText(withValue(draft.text, path, target.value))}
            />
          </label>
        )
      })}
    </section>
  )
}

/** What is wrong elsewhere in the text must not hide because another tab is open. */
function OtherFaults({ parts, all }: { parts: readonly Part[]; all: number }): ReactNode {
  const { t } = useWords()
  const { draft, faults } = useBench()
  const here = parts.flatMap(({ path, value }) => faultsWithin(draft.text, path, value, faults)).length
  if (all === here) return null
  return (
    <section className="part">
      <h3>{t('rule.otherFaults')}</h3>
      <FaultList faults={faults} lines />
    </section>
  )
}
