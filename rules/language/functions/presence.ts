import { parseDuration } from '../../../domain/time.ts'
import { constant, type LanguageFunction, UnsupportedError } from '../function.ts'

export const PRESENCE: readonly LanguageFunction[] = [
  {
    name: 'absent',
    signatures: ['absent(string): bool'],
    durations: [0],
    steady: true,
    help: { zh: '这么久没有收到该类观测', en: 'no observation of this kind for so long' },
    example: "absent('48h')",
    compile(args, build) {
      const limit = parseDuration(String(constant(args[0])))
      if (limit === undefined) throw new UnsupportedError('absent with a limit that is not a constant')
      build.turns((context) => (context.lastSeen + limit > context.at ? context.lastSeen + limit : Infinity))
      return (context) => context.at - context.lastSeen >= limit
    },
  },
]
