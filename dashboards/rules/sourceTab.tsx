import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { useBench } from './bench.ts'
import { CodeArea, FaultList } from './codeArea.tsx'

/** The whole text as it is kept; what is moved elsewhere on the bench moves here. */
export function SourceTab(): ReactNode {
  const { t } = useWords()
  const { draft, setText, mayEdit, faults, warnings } = useBench()
  return (
    <div className="source-tab">
      <CodeArea value={draft.text} change={setText} language="yaml" label={t('rule.tab.source')} readOnly={!mayEdit} faults={faults} testId="rule-source" />
      <FaultList faults={faults} lines />
      <FaultList faults={warnings} lines mild />
    </div>
  )
}
