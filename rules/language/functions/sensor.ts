import { SENSOR as PREFIX } from '../../merge.ts'
import { steadyLag } from '../../watermark.ts'
import { constant, type LanguageFunction } from '../function.ts'
import type { Evaluate } from '../values.ts'

export const SENSOR: readonly LanguageFunction[] = [
  {
    name: 'value',
    signatures: ['value(string): double'],
    kinds: ['sensor'],
    help: { zh: '传感器以该名称测得的数值', en: 'the number that a sensor measures under this name' },
    example: "value('levelMm') > 900",
    reads: (args) => [`${PREFIX}${String(constant(args[0]))}`],
    compile: (args, build) => measured(args[0] && build.compile(args[0]), build.staleAfter, 'number'),
  },
  {
    name: 'flag',
    signatures: ['flag(string): bool'],
    kinds: ['sensor'],
    help: { zh: '传感器以该名称报告的开关量', en: 'the true or false that a sensor reports under this name' },
    example: "flag('pumpRunning')",
    reads: (args) => [`${PREFIX}${String(constant(args[0]))}`],
    compile: (args, build) => measured(args[0] && build.compile(args[0]), build.staleAfter, 'boolean'),
  },
  {
    name: 'skewMs',
    signatures: ['skewMs(): double'],
    unit: 'ms',
    only: 'asset',
    help: { zh: '设备时钟的稳定偏差(收到时间减事件时间),时钟快时为负', en: 'the steady part of receipt − event time of the device, ms; negative when its clock is ahead' },
    example: 'skewMs() < -120000',
    compile: () => skew,
  },
]

function measured(name: Evaluate | undefined, staleAfter: number, type: 'number' | 'boolean'): Evaluate {
  return (context) => {
    const stamped = context.values[`${PREFIX}${String(name?.(context))}`]
    return stamped && context.at - stamped.at <= staleAfter && typeof stamped.value === type ? stamped.value : undefined
  }
}

/** An event time ahead of its receipt proves a fast clock; one behind proves nothing by itself, so the steady lag counts: what catches up is not slow. */
const skew: Evaluate = ({ observation, run }) => {
  if (!observation) return undefined
  const clock = run.state.devices.get(observation.device)
  if (!clock || observation.at > observation.receivedAt) return observation.receivedAt - observation.at
  return steadyLag(clock)
}
