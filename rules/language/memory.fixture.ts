import type { Kind } from '../../domain/fields.ts'
import type { Param } from '../../domain/rule.ts'
import type { Run } from '../course.ts'
import { compileCondition } from './compile.ts'
import { parseCondition } from './environment.ts'
import type { Context, Evaluate, Result, Stamped } from './values.ts'

/** One call of a condition, fed by hand: times are seconds. */
export class Call {
  readonly #context: Context
  readonly #condition
  #call: Evaluate = () => undefined

  constructor(text: string, { kind = 'cover', params = {}, run }: { kind?: Kind; params?: Record<string, Param>; run?: Partial<Run> } = {}) {
    const parsed = parseCondition(text, 'bool', { kind, object: false, params })
    if ('errors' in parsed) throw new Error(parsed.errors[0]?.why)
    this.#condition = compileCondition(parsed.tree, {
      kind,
      object: false,
      staleAfter: 3_600_000,
      firstSlot: 0,
      saw: (node, evaluate) => {
        if (node.op === 'call') this.#call = evaluate
      },
    })
    const values = Object.fromEntries(Object.entries(params).map(([name, { value }]) => [name, value]))
    this.#context = {
      run: run as Run,
      at: 0,
      values: {},
      before: {},
      observation: undefined,
      params: values,
      lastSeen: 0,
      heldSince: undefined,
      severityNow: undefined,
      object: undefined,
      memory: [],
      remembers: false,
      restarted: false,
      zones: undefined,
    }
  }

  /** An observation; what the whole condition says of it. */
  observe(at: number, fields: Record<string, number | string | boolean>): Result {
    const before = this.#context.values
    const values: Record<string, Stamped> = { ...before }
    for (const [name, value] of Object.entries(fields)) values[name] = { value, at: Math.round(at * 1000) }
    Object.assign(this.#context, { at: Math.round(at * 1000), before, values, observation: {}, lastSeen: Math.round(at * 1000) })
    for (const feed of this.#condition.feeds) feed(this.#context)
    return this.judge(at)
  }

  /** Time alone passes. */
  wait(at: number): Result {
    Object.assign(this.#context, { before: this.#context.values, observation: undefined })
    return this.judge(at)
  }

  private judge(at: number): Result {
    this.#context.at = Math.round(at * 1000)
    return this.#condition.evaluate(this.#context)
  }

  /** What the last call in the condition gave. */
  get value(): Result {
    return this.#call(this.#context)
  }

  /** Seconds at which it can turn next. */
  get turns(): number {
    return Math.min(...this.#condition.turns.map((next) => next(this.#context))) / 1000
  }

  /** As a snapshot would give it back. */
  restart(): void {
    this.#context.memory = JSON.parse(JSON.stringify(this.#context.memory))
    this.#context.remembers = false
  }
}
