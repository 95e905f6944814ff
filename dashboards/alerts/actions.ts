import { App } from 'antd'
import { useMemo, useRef, useState } from 'react'
import type { Verdict } from '../../domain/alert.ts'
import { alerts } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { useProblemText } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'

export type ActionName = 'acknowledge' | 'judge' | 'dispatch'

/**
 * What an operator does to an alert. Nothing is shown as done before the platform has said so: these acts are
 * journalled, and a verdict that only the page believed in would be worse than one that took 50 ms.
 */
export interface Actions {
  busy: { alert: string; action: ActionName } | null
  /** Why the last act on an alert failed. */
  failed: { alert: string; problem: Problem } | null
  /** With `members` all three are done to the other alerts of its group too. */
  acknowledge: (alert: string, members: boolean) => Promise<void>
  judge: (alert: string, verdict: Verdict, reason: string, members: boolean) => Promise<void>
  dispatch: (alert: string, note: string, members: boolean) => Promise<void>
}

export function useActions(): Actions {
  const { live } = usePage()
  const { message } = App.useApp()
  const { t, word } = useWords()
  const text = useProblemText()
  const [busy, setBusy] = useState<Actions['busy']>(null)
  const [failed, setFailed] = useState<Actions['failed']>(null)
  const running = useRef(new Set<string>())
  const words = useRef({ t, word, text })
  words.current = { t, word, text }

  return useMemo<Actions>(() => {
    const run = async (alert: string, action: ActionName, act: () => Promise<string>): Promise<void> => {
      // A second press while the first is on its way is a slip of the finger, not a second wish.
      if (running.current.has(alert)) return
      running.current.add(alert)
      setBusy({ alert, action })
      setFailed(null)
      try {
        void message.success(await act())
      } catch (thrown) {
        const problem = problemOf(thrown)
        setFailed({ alert, problem })
        void message.error(`${words.current.text(problem).title} (${problem.code})`)
      } finally {
        running.current.delete(alert)
        setBusy(null)
      }
    }
    return {
      busy,
      failed,
      acknowledge: (alert, members) =>
        run(alert, 'acknowledge', async () => {
          live.put({ what: 'alert', alert: await alerts.acknowledge(alert, members) })
          return words.current.t('done.acknowledged')
        }),
      judge: (alert, verdict, reason, members) =>
        run(alert, 'judge', async () => {
          live.put({ what: 'alert', alert: await alerts.judge(alert, verdict, reason, members) })
          return words.current.t('done.judged', { verdict: words.current.word('verdict', verdict) })
        }),
      dispatch: (alert, note, members) =>
        run(alert, 'dispatch', async () => {
          const made = await alerts.dispatch(alert, note, members)
          live.put({ what: 'case', case: made })
          const known = live.city.get().alerts.byId.get(alert)
          if (known) live.put({ what: 'alert', alert: { ...known, case: made.id } })
          return words.current.t('done.dispatched', { case: made.id })
        }),
    }
  }, [busy, failed, live, message])
}
