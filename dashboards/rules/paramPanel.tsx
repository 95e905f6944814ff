import { Empty } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { useBench } from './bench.ts'
import { ParamField } from './paramField.tsx'
import { withValue } from './ruleText.ts'
import { defaultOf } from './versions.ts'

/** What an author turns: every param with its unit, its range, its help, and the value that is live now. */
export function ParamPanel(): ReactNode {
  const { t } = useWords()
  const { params, live, versions, draft, setText, mayEdit } = useBench()
  const names = Object.keys(params)
  return (
    <aside className="params-panel" aria-label={t('rule.params')}>
      <h3>{t('rule.params')}</h3>
      {names.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('rule.noParams')} />}
      {names.map((name) => {
        const param = params[name]
        if (!param) return null
        return (
          <ParamField
            key={name}
            name={name}
            param={param}
            live={live?.file.params[name]?.value}
            initial={defaultOf(versions, name)}
            readOnly={!mayEdit}
            change={(value) => setText(withValue(draft.text, ['params', name, 'value'], value))}
          />
        )
      })}
    </aside>
  )
}
