import { QuestionCircleOutlined } from '@ant-design/icons'
import { Button, Modal, Select, Skeleton } from 'antd'
import { type ReactNode, useState } from 'react'
import { rules as rulesApi } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import { TimeInput } from '../shell/timeInput.tsx'
import { RuleWhy, ValuesThen } from './explanation.tsx'
import { byLoudness, isCalm } from './margins.ts'

/** Why is there no alert about this asset, or was none then? Asked of all rules or of one. */
export function WhyNot({ asset, label }: { asset: string; label: string }): ReactNode {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="small" data-testid="btn-why-not" icon={<QuestionCircleOutlined />} onClick={() => setOpen(true)}>
        {t('why.notTitle')}
      </Button>
      {open && <Asked asset={asset} label={label} close={() => setOpen(false)} />}
    </>
  )
}

function Asked({ asset, label, close }: { asset: string; label: string; close: () => void }): ReactNode {
  const { t, name } = useWords()
  const { rules } = usePage()
  const [rule, setRule] = useState<string | null>(null)
  const [at, setAt] = useState<number | null>(null)
  const time = at === null ? undefined : new Date(at).toISOString()
  const { value, problem, again } = useLoad(`${asset} ${rule} ${time}`, (signal) =>
    rule === null ? rulesApi.explainAsset(asset, time, signal) : rulesApi.explain(rule, asset, time, signal),
  )
  const titleOf = (id: string): ReactNode => {
    const known = rules.get(id)
    return (
      <PlaceLink to={{ page: 'rules', rule: id }}>
        <b>{known ? name(known.file.title) : id}</b>
      </PlaceLink>
    )
  }
  return (
    <Modal open footer={null} width={720} title={t('why.ofAsset', { asset: label })} onCancel={close}>
      <div className="why-ask">
        <Select
          allowClear
          showSearch
          optionFilterProp="label"
          className="why-rule"
          placeholder={t('why.allRules')}
          aria-label={t('filter.rule')}
          value={rule}
          options={[...rules.values()].map(({ id, file }) => ({ value: id, label: name(file.title) }))}
          onChange={(id) => setRule(id ?? null)}
        />
        <TimeInput label={t('why.when')} value={at ?? Date.now()} change={setAt} />
        <Button size="small" disabled={at === null} onClick={() => setAt(null)}>
          {t('why.now')}
        </Button>
      </div>
      {problem && <ProblemNote problem={problem} again={again} />}
      {!value && !problem && <Skeleton active />}
      {value && <ValuesThen values={value.values} at={value.at} />}
      {value &&
        byLoudness(value.rules).map((why, index) => (
          <RuleWhy key={`${why.rule} ${why.key} ${why.version}`} why={why} title={titleOf(why.rule)} folded={index > 0 && isCalm(why)} />
        ))}
      {value?.rules.length === 0 && <p className="muted">{t('why.nothing')}</p>}
    </Modal>
  )
}
