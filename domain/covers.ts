import type { Alert } from './alert.ts'
import { liesIn } from './area.ts'
import type { Matchers } from './silence.ts'

/** Whether a silence with these matchers is about an alert, as the alert is now. A file without schemas: the page asks too. */
export function covers(matchers: Matchers, alert: Pick<Alert, 'rule' | 'asset' | 'key' | 'severity' | 'area' | 'grid'>): boolean {
  const { rule, asset, area, severity, key } = matchers
  if (rule !== undefined && rule !== alert.rule) return false
  if (asset !== undefined && asset !== alert.asset) return false
  if (key !== undefined && key !== alert.key) return false
  if (severity !== undefined && !severity.includes(alert.severity)) return false
  return area === undefined || liesIn(area, alert)
}
