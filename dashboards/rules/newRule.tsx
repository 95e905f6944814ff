import { Form, Input, Modal, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import { KINDS, type Kind } from '../../domain/fields.ts'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { keepDraft } from './draft.ts'
import { templateOf } from './template.ts'

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/

/** A name and a kind, and the workbench opens on a text to start from; nothing is saved yet. */
export function NewRule({ taken, close }: { taken: ReadonlySet<string>; close: () => void }): ReactNode {
  const { t, word } = useWords()
  const { go } = usePage()
  const [id, setId] = useState('')
  const [kind, setKind] = useState<Kind>('cover')
  const fault = id === '' ? null : !ID.test(id) ? t('rule.idForm') : taken.has(id) ? t('rule.idTaken') : null
  const make = (): void => {
    keepDraft(localStorage, id, { from: 0, newest: 0, text: templateOf(id, kind) })
    go({ page: 'rules', rule: id })
  }
  return (
    <Modal open title={t('rule.new')} okText={t('rule.begin')} okButtonProps={{ disabled: id === '' || fault !== null }} onOk={make} onCancel={close}>
      <Form layout="vertical" onFinish={make}>
        <Form.Item label={t('rule.id')} validateStatus={fault ? 'error' : ''} help={fault ?? t('rule.idForm')}>
          <Input autoFocus value={id} placeholder="cover-tilted" onChange={({ target }) => setId(target.value.trim())} />
        </Form.Item>
        <Form.Item label={t('rule.on')}>
          <Select value={kind} options={KINDS.map((value) => ({ value, label: word('observed', value) }))} onChange={setKind} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
