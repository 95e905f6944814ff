import { type LanguageFunction, lengthOf } from '../function.ts'

export const PRESENCE: readonly LanguageFunction[] = [
  {
    name: 'absent',
    signatures: ['absent(string): bool'],
    durations: [0],
    steady: true,
    help: { zh: '这么久没有收到该类观测', en: 'no observation of this kind for so long' },
    example: "absent('48h')",
    compile(args, build) {
      const limit = lengthOf('absent', args[0], build)
      build.turns((context) => {
        const due = context.lastSeen + limit(context)
        return due > context.at ? due : Infinity
      })
      return (context) => context.at - context.lastSeen >= limit(context)
    },
  },
]
