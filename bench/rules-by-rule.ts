import type { Kind } from '../domain/fields.ts'
import { book, City, MIX, rate } from './rules-city.ts'

/**
 * What each rule of the book costs: CPU time of a message of its kind with this rule alone, less that of one without any
 * rule. What rules share (the clock, the newest values) is the first line of its kind.
 */
export function* costByRule(seconds: number): Generator<string> {
  const bare = new Map<Kind, number>()
  for (const [kind] of MIX) {
    if (bare.has(kind)) continue
    bare.set(kind, usPerMessage(kind, seconds, []))
    yield line(bare.get(kind) ?? 0, `${kind} without rules`)
  }
  const costs = book().flatMap((rule) => {
    const kind = /^on: (\w+)/m.exec(rule.source)?.[1] as Kind
    const without = bare.get(kind)
    return without === undefined ? [] : [{ us: usPerMessage(kind, seconds, [rule]) - without, name: `${kind} ${rule.id}` }]
  })
  for (const { us, name } of costs.sort((a, b) => b.us - a.us)) yield line(us, name)
}

function line(us: number, name: string): string {
  return `${us.toFixed(3).padStart(8)} µs  ${name}`
}

function usPerMessage(kind: Kind, seconds: number, rules: readonly { id: string; source: string; base: string | undefined }[]): number {
  const city = new City()
  for (const { id, source, base } of rules) city.rule(id, source, base)
  const payload = MIX.find(([each]) => each === kind)?.[1] ?? (() => ({}))
  return 1e6 / rate(city, seconds, (size) => city.batch(size, () => kind, payload))
}
