import type { Doubtful } from '../../domain/certainty.ts'
import { type Doubt, SEVERITIES, type Severity } from '../../domain/rule.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'

/** The alert as it is shown while it is doubted: milder, and for somebody else. */
export function doubted(alert: AlertRecord, rule: Doubt, found: Doubtful): AlertRecord {
  const { camera, label, looks, of, at } = found
  const [severity, dispatch] = alert.doubt ? [alert.doubt.severity, alert.doubt.dispatch] : [alert.severity, alert.dispatch]
  return { ...alert, severity: milder(severity, rule.severity), dispatch: dispatch && rule.dispatch, doubt: { camera, label, looks, of, at, severity, dispatch } }
}

/** The alert as its rule says it, without the doubt. */
export function undoubted({ doubt, ...alert }: AlertRecord): AlertRecord {
  return doubt === null ? { ...alert, doubt } : { ...alert, severity: doubt.severity, dispatch: doubt.dispatch, doubt: null }
}

function milder(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b) ? a : b
}
