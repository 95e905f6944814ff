import type { Transition } from '../domain/alert.ts'
import { Hand, START } from './hand.fixture.ts'

/** A rule over covers, with words of its own. */
export const source = (words: string): string => `rule: r
title: { zh: 规则, en: Rule }
on: cover
${words}
severity: major
`
export const tilt = (deg: number, rest = ''): string => source(`params: { deg: { value: ${deg}, unit: deg } }\nwhen: tiltDeg > params.deg\n${rest}`)

/** `what openedAt [resolvedAt] vN why`, times in seconds from the start. */
export const told = (transitions: readonly Transition[]): string[] =>
  transitions.map(({ what, openedAt, resolvedAt, ruleVersion, why }) =>
    [what, (openedAt - START) / 1000, resolvedAt === null ? undefined : (resolvedAt - START) / 1000, `v${ruleVersion}`, why].filter((each) => each !== undefined).join(' '),
  )

/** A cover that said so at each of these times, under the first version; then the second one. */
export function edited(first: string, said: readonly (readonly [at: number, fields: object])[], second: string, clock = 1000): { hand: Hand; before: string[]; at: string[] } {
  const hand = new Hand()
  hand.rule('r', first)
  for (const [at, fields] of said) hand.cover('c', at, fields)
  hand.tick(clock - 1)
  const before = told(hand.transitions)
  return { hand, before, at: told(hand.rule('r', second, 2, clock)) }
}
