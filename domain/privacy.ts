import type { SceneObject } from './observation.ts'
import { type Principal, roleAtLeast } from './role.ts'

/** The one rule of privacy: who is told whose face and whose plate it is. Everybody else gets copies (docs/seeing.md, who sees what). */
export function seesOriginals({ role }: Pick<Principal, 'role'>): boolean {
  return roleAtLeast(role, 'operator')
}

/** The same data without the plates of objects in it, but of those that `kept` names; and how many were taken out. */
export function withoutPlates<T>(data: T, kept: (object: SceneObject) => boolean = () => false): { data: T; plates: number } {
  let plates = 0
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy)
    if (typeof value !== 'object' || value === null) return value
    const bare = bearsPlate(value) && !kept(value)
    if (bare) plates++
    return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => (bare && name === 'plate' ? [] : [[name, copy(member)]])))
  }
  return { data: copy(data) as T, plates }
}

function bearsPlate(value: object): value is SceneObject {
  return 'plate' in value && 'box' in value
}
