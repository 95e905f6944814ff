import { Button, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import { useWords } from '../i18n/language.tsx'
import { clockTime } from '../i18n/times.ts'
import { useNow } from '../shell/page.ts'
import { useBench } from './bench.ts'
import { ChangeSentence } from './changeSentence.tsx'
import { Publish, type PublishTo } from './publish.tsx'

/** What was changed, and where it may go: always in sight while an author works. */
export function Dock(): ReactNode {
  const { t } = useWords()
  const { dirty, mayEdit, from, live, open, newer, faults } = useBench()
  const [to, setTo] = useState<PublishTo | null>(null)
  if (!mayEdit) return <footer className="dock muted">{t('rule.readOnly')}</footer>
  const stands = from?.state ?? 'draft'
  // A version that is not in force may be moved as it is; one with changes is saved first.
  const movable = dirty || (from !== undefined && stands !== 'live')
  const blocked = newer.length > 0 || faults.length > 0
  return (
    <footer className="dock">
      <EditedFrom />
      <ChangeSentence />
      <span className="dock-acts">
        <Button disabled={!dirty} onClick={() => from && open(from)}>
          {t('rule.discard')}
        </Button>
        <Button data-testid="btn-save" disabled={!dirty || blocked} onClick={() => setTo('draft')}>
          {t('rule.save')}
        </Button>
        <Button data-testid="btn-shadow" disabled={!(dirty || (movable && stands !== 'shadow')) || blocked} onClick={() => setTo('shadow')}>
          {t('rule.toShadow')}
        </Button>
        <Button data-testid="btn-live" type="primary" disabled={!(movable || (from?.areas && from !== live)) || blocked} onClick={() => setTo('live')}>
          {t('rule.toLiveNow')}
        </Button>
      </span>
      {to && <Publish to={to} close={() => setTo(null)} />}
    </footer>
  )
}

function EditedFrom(): ReactNode {
  const { t, word, language } = useWords()
  const now = useNow(60_000)
  const { versions, from, dirty, open } = useBench()
  if (versions.length === 0) return <span className="muted">{t('rule.newUnsaved')}</span>
  return (
    <Select
      className="dock-from"
      aria-label={t('rule.editedFrom')}
      value={from?.version ?? 0}
      disabled={dirty}
      title={dirty ? t('rule.editedFrom') : undefined}
      popupMatchSelectWidth={false}
      options={versions.map(({ version, state, author, at }) => ({
        value: version,
        label: `v${version} · ${word('ruleState', state)} · ${author} ${clockTime(at, now, language)}`,
      }))}
      onChange={(number) => {
        const version = versions.find((one) => one.version === number)
        if (version) open(version)
      }}
    />
  )
}
