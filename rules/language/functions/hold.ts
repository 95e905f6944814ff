import { SEVERITIES } from '../../../domain/rule.ts'
import type { Node } from '../environment.ts'
import { constant, type LanguageFunction, lengthOf, type Objection, UnsupportedError } from '../function.ts'
import { didYouMean } from '../nearest.ts'
import type { Scope } from '../types.ts'

/** While `when` is judged for the first time nothing holds yet: a rule that asks for its own hold there would never begin. */
function notInWhen(name: string, node: Node | undefined, { part }: Scope): Objection[] {
  return part === 'when' && node ? [{ node, why: `${name} asks about the hold that \`when\` begins: write it into severity, clear or inform` }] : []
}

function noSeverity(node: Node | undefined): Objection[] {
  const name = constant(node)
  if (!node || typeof name !== 'string' || (SEVERITIES as readonly string[]).includes(name)) return []
  return [{ node, why: `"${name}" is not one of ${SEVERITIES.join(', ')}${didYouMean(name, SEVERITIES)}` }]
}

/** What the hold that is judged has come to. */
export const HOLD: readonly LanguageFunction[] = [
  {
    name: 'heldFor',
    steady: true,
    signatures: ['heldFor(string): bool'],
    durations: [0],
    check: ([limit], scope) => notInWhen('heldFor', limit, scope),
    help: { zh: '自本次持续开始已有这么久;用于 severity、clear、inform', en: 'its hold began at least so long ago; for severity, clear and inform' },
    example: "heldFor('15m') ? 'major' : 'minor'",
    compile(args, build) {
      const limit = lengthOf('heldFor', args[0], build)
      build.turns((context) => {
        const due = context.heldSince === undefined ? Infinity : context.heldSince + limit(context)
        return due > context.at ? due : Infinity
      })
      return (context) => context.heldSince !== undefined && context.at - context.heldSince >= limit(context)
    },
  },
  {
    name: 'severityIs',
    steady: true,
    signatures: ['severityIs(string): bool'],
    check: ([severity], scope) => [...notInWhen('severityIs', severity, scope), ...noSeverity(severity)],
    help: {
      zh: '目前的严重程度是此级;用于 severity,使其回落时有回差',
      en: 'its severity is this one so far; for a severity that falls at another limit than it rises',
    },
    example: "waterMm >= 1200 || (severityIs('critical') && waterMm >= 1150) ? 'critical' : 'major'",
    compile(args, build) {
      if (!args[0]) throw new UnsupportedError('severityIs without a severity')
      const severity = build.compile(args[0])
      return (context) => context.severityNow !== undefined && context.severityNow === severity(context)
    },
  },
]
