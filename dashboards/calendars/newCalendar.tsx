import { Form, Input, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import { calendars } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/
/** To start from: on by day, every day. */
const FIRST = { zone: 'Asia/Shanghai', hours: [{ days: ['work' as const, 'rest' as const], from: '08:00', to: '20:00' }], holidays: [], workdays: [], source: '' }

export function NewCalendar({ taken, made, close }: { taken: ReadonlySet<string>; made: () => void; close: () => void }): ReactNode {
  const { t } = useWords()
  const { go } = usePage()
  const [id, setId] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const fault = id === '' ? null : !ID.test(id) ? t('rule.idForm') : taken.has(id) ? t('calendar.idTaken') : null
  const make = async (): Promise<void> => {
    if (id === '' || fault) return
    setBusy(true)
    try {
      await calendars.save(id, 0, FIRST)
      made()
      go({ page: 'calendars', calendar: id })
      close()
    } catch (thrown) {
      setProblem(problemOf(thrown))
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={t('calendar.new')}
      okText={t('calendar.make')}
      cancelText={t('rule.cancel')}
      okButtonProps={{ disabled: id === '' || fault !== null, loading: busy }}
      onOk={() => void make()}
      onCancel={close}
    >
      <Form layout="vertical" onFinish={() => void make()}>
        <Form.Item label={t('rule.id')} validateStatus={fault ? 'error' : ''} help={fault ?? t('rule.idForm')}>
          <Input autoFocus value={id} placeholder="school-hours" onChange={({ target }) => setId(target.value.trim())} />
        </Form.Item>
      </Form>
      {problem && <ProblemNote problem={problem} />}
    </Modal>
  )
}
