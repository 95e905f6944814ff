import { App, Input, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import { type RuleVersion, rules } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { useBench } from './bench.ts'
import { liveOf } from './versions.ts'

/** Puts a version in force as it was saved; what is being edited stays untouched. */
export function PutBack({ version: { version }, versions, close }: { version: RuleVersion; versions: readonly RuleVersion[]; close: () => void }): ReactNode {
  const { t } = useWords()
  const { message } = App.useApp()
  const { id, reload } = useBench()
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const live = liveOf(versions)
  const act = async (): Promise<void> => {
    setBusy(true)
    try {
      await rules.move(id, version, 'live', { note })
      reload()
      void message.success(t('rule.done.live', { version }))
      close()
    } catch (thrown) {
      setProblem(problemOf(thrown))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={t('rule.ask.live', { version })}
      okText={t('rule.act.live')}
      okButtonProps={{ loading: busy }}
      cancelText={t('rule.cancel')}
      onOk={() => void act()}
      onCancel={close}
    >
      <div className="publish">
        <ul className="will">
          <li>{t('rule.will.live', { version })}</li>
          {live && <li>{t('rule.will.replace', { version: live.version })}</li>}
        </ul>
        <Input.TextArea autoFocus rows={2} value={note} placeholder={t('rule.why')} aria-label={t('rule.why')} onChange={({ target }) => setNote(target.value)} />
        {problem && <ProblemNote problem={problem} />}
      </div>
    </Modal>
  )
}
