import type { ReactNode } from 'react'
import { usePage } from '../shell/page.ts'
import { useStore } from '../state/store.ts'
import { RuleBench } from './ruleBench.tsx'
import { RuleList } from './ruleList.tsx'
import '../shell/bench.css'
import './rules.css'

/** What watches the city: the list of rules, or the workbench of one. */
export default function RulesPage(): ReactNode {
  const rule = useStore(usePage().route, (route) => (route.page === 'rules' ? route.rule : null))
  return rule === null ? <RuleList /> : <RuleBench key={rule} id={rule} />
}
