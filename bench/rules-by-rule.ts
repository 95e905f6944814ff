import type { Kind } from '../domain/fields.ts'
import { batches, book, City, MIX } from './rules-city.ts'

/** As many of each, so that what one costs stands out. */
const COPIES = 20

/**
 * What each rule of the book costs: CPU time of a message (median of the batches) of its kind with copies of this rule alone, less that of one
 * without any rule. What rules share (the clock, the newest values) is in the first line of its kind.
 */
export function* costByRule(seconds: number): Generator<string> {
  const bare = new Map<Kind, number>()
  for (const [kind] of MIX) {
    if (bare.has(kind)) continue
    // The first city warms the engine up.
    usPerMessage(kind, seconds, [])
    bare.set(kind, usPerMessage(kind, seconds, []))
    yield line(bare.get(kind) ?? 0, `${kind} without rules`)
  }
  const costs = book().flatMap((rule) => {
    const kind = /^on: (\w+)/m.exec(rule.source)?.[1] as Kind
    const without = bare.get(kind)
    return without === undefined ? [] : [{ us: (usPerMessage(kind, seconds, copiesOf(rule)) - without) / COPIES, name: `${kind} ${rule.id}` }]
  })
  for (const { us, name } of costs.sort((a, b) => b.us - a.us)) yield line(us, name)
}

function line(us: number, name: string): string {
  return `${us.toFixed(3).padStart(8)} µs  ${name}`
}

type BookRule = ReturnType<typeof book>[number]

function copiesOf(rule: BookRule): BookRule[] {
  return Array.from({ length: COPIES }, (_, n) => ({ ...rule, id: `copy-${n}`, source: rule.source.replace(/^rule: .*/m, `rule: copy-${n}`) }))
}

function usPerMessage(kind: Kind, seconds: number, rules: readonly BookRule[]): number {
  const city = new City()
  for (const { id, source, base } of rules) city.rule(id, source, base)
  const payload = MIX.find(([each]) => each === kind)?.[1] ?? (() => ({}))
  const spent = batches(city, seconds, (size) => city.batch(size, () => kind, payload))
  return spent.sort((a, b) => a - b)[spent.length >> 1] ?? 0
}
