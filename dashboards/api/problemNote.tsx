import { Alert, Button } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import type { Problem } from './problem.ts'

/** What went wrong, its code, and what to do about it. */
export function ProblemNote({ problem, again }: { problem: Problem; again?: (() => void) | undefined }): ReactNode {
  const { t } = useWords()
  const text = useProblemText()(problem)
  const action = again && (
    <Button size="small" onClick={again}>
      {t('error.again')}
    </Button>
  )
  return <Alert type="error" showIcon title={text.title} description={<Description problem={problem} text={text.description} />} action={action} />
}

function Description({ problem, text }: { problem: Problem; text: string }): ReactNode {
  if (problem.faults.length === 0) return text
  return (
    <>
      <ul className="faults">
        {problem.faults.map(({ where, why }) => (
          <li key={`${where} ${why}`}>
            {where && <code>{where}</code>} {why}
          </li>
        ))}
      </ul>
      {text}
    </>
  )
}

/** The words for a problem, for notes and messages alike. */
export function useProblemText(): (problem: Problem) => { title: string; description: string } {
  const { t, word } = useWords()
  return (problem) => {
    const known = word('error', problem.code)
    const title = known === problem.code ? problem.message : known
    const advice =
      problem.allowed.length > 0
        ? t('error.allowed', { moves: problem.allowed.map((state) => word('state', state)).join(', ') })
        : t(problem.retry ? 'error.later' : 'error.change')
    return { title, description: `${advice} · ${problem.code}` }
  }
}
