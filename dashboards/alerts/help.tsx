import { Modal } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { useWorkbench } from './workbench.tsx'

const KEYS = [
  ['j / k', 'help.move'],
  ['Enter', 'help.open'],
  ['a', 'help.acknowledge'],
  ['1 2 3 4', 'help.judge'],
  ['d, Enter', 'help.dispatch'],
  ['g', 'help.locate'],
  ['/', 'help.search'],
  ['Esc', 'help.close'],
  ['?', 'help.help'],
] as const

export function Help(): ReactNode {
  const { t } = useWords()
  const { help, setHelp } = useWorkbench()
  return (
    <Modal open={help} footer={null} title={t('help.title')} onCancel={() => setHelp(false)} width={520}>
      <dl className="keys">
        {KEYS.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">{t('help.shapes')}</p>
    </Modal>
  )
}
