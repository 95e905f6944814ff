import { Table, Tag } from 'antd'
import type { ReactNode } from 'react'
import type { Param } from '../../domain/rule.ts'
import type { RuleRow } from '../api/client.ts'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'

/** What watches the city: every live rule with its condition and params. Read only; rules change through their versions. */
export default function RulesPage(): ReactNode {
  const { t, name, word } = useWords()
  const { rules } = usePage()
  return (
    <Table<RuleRow>
      rowKey="id"
      size="small"
      pagination={false}
      dataSource={[...rules.values()]}
      expandable={{ expandedRowRender: (rule) => <pre className="source">{rule.source}</pre> }}
      columns={[
        {
          title: t('rule.name'),
          render: (_, { id, file }) => (
            <>
              <strong>{name(file.title)}</strong>
              <div className="muted">{id}</div>
            </>
          ),
        },
        { title: t('rule.version'), render: (_, { version, state }) => `v${version} · ${word('ruleState', state)}` },
        { title: t('rule.on'), render: (_, { file }) => word('observed', file.on) },
        { title: t('rule.when'), render: (_, { file }) => <code className="when">{file.when}</code> },
        { title: t('rule.for'), render: (_, { file }) => file.for },
        { title: t('rule.params'), render: (_, { file }) => <Params params={file.params} /> },
        { title: t('rule.severity'), render: (_, { file }) => word('severity', file.severity) },
        {
          title: t('rule.dispatch'),
          render: (_, { file }) => (file.dispatch ? `${word('to', file.dispatch.to)}${file.dispatch.within ? ` · ${file.dispatch.within}` : ''}` : '—'),
        },
      ]}
    />
  )
}

function Params({ params }: { params: Record<string, Param> }): ReactNode {
  return Object.entries(params).map(([key, { value, unit, min, max, help }]) => (
    <Tag key={key} title={[help, min === undefined ? '' : `≥ ${min}`, max === undefined ? '' : `≤ ${max}`].filter(Boolean).join(' · ')}>
      {key} = {String(value)}
      {unit && unit !== 'duration' ? ` ${unit}` : ''}
    </Tag>
  ))
}
