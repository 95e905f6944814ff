import { type LanguageFunction, lengthOf } from '../function.ts'

/** Durations are compared and added in ms. */
export const DURATIONS: readonly LanguageFunction[] = [
  {
    name: 'duration',
    signatures: ['duration(string): google.protobuf.Duration'],
    durations: [0],
    steady: true,
    help: { zh: '时长,用于与 dwell、stillFor、seenFor 及单位为 duration 的参数比较', en: 'a length of time, to compare with dwell, stillFor, seenFor and params of unit duration' },
    example: "duration('15m')",
    compile: (args, build) => lengthOf('duration', args[0], build),
  },
]
