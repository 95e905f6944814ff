export { placeCode } from '../../domain/area.ts'

/** Every code that lies in `area` is ≥ `area` and < this: `~` sorts after all letters and digits. */
export function endOf(area: string): string {
  return `${area}~`
}
