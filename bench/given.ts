import { parseArgs } from 'node:util'

/** Options `--name value` of a bench, with what stands when one is not given: what a default is, the option is too. */
export function given<Options extends Record<string, number | string | boolean>>(defaults: Options, args: readonly string[] = process.argv.slice(2)): Options {
  const options = Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: typeof value === 'boolean' ? ('boolean' as const) : ('string' as const) }]))
  const { values } = parseArgs({ args: [...args], options })
  const read = Object.entries(values).map(([name, value]) => [name, typeof defaults[name] === 'number' ? Number(value) : value])
  return { ...defaults, ...Object.fromEntries(read) }
}

/** Passwords by gateway, from the environment: secrets do not stand on command lines. */
export function givenPasswords(): Record<string, string> {
  return JSON.parse(process.env.BENCH_PASSWORDS ?? '{}') as Record<string, string>
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits))
}
