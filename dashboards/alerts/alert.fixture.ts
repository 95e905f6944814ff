import type { Alert } from '../../domain/alert.ts'
import type { Reason } from '../../domain/attention.ts'

/** An alert as the contract shows it, for tests; everything that matters to a test is said by the test. */
export function alertWith(part: Partial<Alert> & { id: string }): Alert {
  const at = '2026-11-21T01:00:00.000Z'
  return {
    rule: 'cover-displaced',
    ruleVersion: 1,
    key: 'c-0001',
    asset: 'c-0001',
    devices: ['c-0001'],
    severity: 'major',
    title: { zh: '井盖位移', en: 'Manhole cover displaced' },
    condition: 'firing',
    review: 'open',
    verdict: null,
    openedAt: at,
    raisedAt: at,
    resolvedAt: null,
    late: false,
    amended: null,
    lon: 117.7,
    lat: 39,
    area: '120116001',
    grid: '120116001002003',
    values: {},
    observations: [],
    evidence: [],
    case: null,
    attention: { shown: true, by: null, ref: null, until: null },
    group: null,
    vehicle: null,
    attributedAt: null,
    certainty: 'single',
    fused: [],
    doubt: null,
    ...part,
  }
}

export const quietBy = (by: Reason): Alert['attention'] => ({ shown: false, by, ref: 'r-1', until: null })
