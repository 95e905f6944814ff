const SIGNS: Record<string, string> = { deg: '°', degC: ' ℃', '1': '', duration: '' }

/** A unit as it stands behind a number, with the space that it needs. */
export function unitSign(unit: string | undefined): string {
  if (unit === undefined) return ''
  return Object.hasOwn(SIGNS, unit) ? (SIGNS[unit] ?? '') : ` ${unit}`
}
