import type { ReactNode } from 'react'
import type { Severity } from '../../domain/rule.ts'
import { useWords } from '../i18n/language.tsx'

// The same forms as on the map: severity is told by shape, colour only helps.
const SHAPE: Record<Severity, string> = {
  critical: 'M5.8 1h6.4L17 5.800v6.400L12.200 17H5.800L1 12.200V5.800z',
  major: 'M9 1.200 17.300 16H.7z',
  minor: 'M9 .8 17.200 9 9 17.200.8 9z',
  info: 'M9 1.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15z',
}
const SIGN: Record<Severity, string> = {
  critical: 'M8 4.500h2v6H8zm0 7.200h2v2H8z',
  major: 'M8.100 6h1.800v5H8.100zm0 6h1.800v1.900H8.100z',
  minor: 'M8.100 5h1.800v5H8.100zm0 6h1.800v1.900H8.100z',
  info: 'M8.100 4.800h1.800v1.900H8.100zm0 3h1.800v5.500H8.100z',
}

export function SeverityMark({ severity, hollow = false, size = 16 }: { severity: Severity; hollow?: boolean; size?: number }): ReactNode {
  const { t } = useWords()
  return (
    <svg className={`mark mark-${severity}${hollow ? ' mark-hollow' : ''}`} viewBox="-1 -1 20 20" width={size} height={size} role="img" aria-label={t(`severity.${severity}`)}>
      <title>{t(`severity.${severity}`)}</title>
      <path className="mark-shape" d={SHAPE[severity]} />
      <path className="mark-sign" d={SIGN[severity]} />
    </svg>
  )
}
