import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import type { DiffLine } from './lineDiff.ts'

const SIGN = { same: ' ', added: '+', removed: '−' } as const

/** A diff of texts, line by line. */
export function DiffView({ lines }: { lines: readonly DiffLine[] }): ReactNode {
  const { t } = useWords()
  if (lines.length === 0) return <p className="muted">{t('rule.sameText')}</p>
  return (
    <pre className="diff" data-testid="diff">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place in the diff
        <span key={index} className={`diff-${line.kind}`}>
          {line.kind === 'gap' ? '⋯' : `${SIGN[line.kind]} ${line.text}`}
        </span>
      ))}
    </pre>
  )
}
