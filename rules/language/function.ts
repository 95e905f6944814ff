import type { Texts } from '../../domain/asset.ts'
import type { Offset } from '../../domain/ids.ts'
import type { NameSort } from '../../domain/names.ts'
import { type Instant, parseDuration } from '../../domain/time.ts'
import type { Node } from './environment.ts'
import type { Scope } from './types.ts'
import type { Context, Evaluate } from './values.ts'

/** How long a call's memory lives: as long as the hold (a stay is measured from where it began), or as long as the key. */
export type Lifetime = 'hold' | 'key'

/** What a function may ask for while one of its calls is compiled. */
export interface Builder {
  /** The key is an object in a scene. */
  readonly object: boolean
  /** Fields older than this are unknown, ms. */
  readonly staleAfter: number
  compile(node: Node): Evaluate
  /** The same for what is asked at observations only: how time turns it does not matter. */
  sample(node: Node): Evaluate
  /** Names of the asset's values that this part of the condition reads. */
  fieldsOf(node: Node): string[]
  /** A place in `context.memory` for this call. */
  slot(lifetime: Lifetime): number
  /** Runs on every observation of the rule's kind before the condition is judged, also where logic would pass the call by. */
  feed(take: (context: Context) => void): void
  /** The observation that the call's answer goes back to, if it is another than the one that is judged. */
  witness(who: (context: Context) => Offset | null): void
  /**
   * The next event time after `context.at` at which the call's answer can turn without an observation, Infinity if none.
   * It says the same at every instant before that one: when it was asked must not show.
   */
  turns(next: (context: Context) => Instant): void
}

/** Something that an author must mend, and the part of the condition that it is about. */
export interface Objection {
  node: Node
  why: string
}

/** One function of the rule language: how it is written, what it is for, and how a call becomes a closure. */
export interface LanguageFunction {
  name: string
  /** CEL signatures, `name(types): type`; conditions are checked against them. */
  signatures: readonly string[]
  /** Of rules whose key is an object, or of the others; absent: of both. */
  only?: 'object' | 'asset'
  /** Kinds of observation it makes sense for; absent: all. */
  kinds?: readonly string[]
  /** Positions of arguments that say how long: a duration such as '10m', written out or a param. */
  durations?: readonly number[]
  /** By position, what an argument that is a text names. */
  names?: readonly (NameSort | null)[]
  /** What is wrong with these arguments besides their types. */
  check?(args: readonly Node[], scope: Scope): Objection[]
  /** `argument`: where its first argument has the type that it gives, unit and possible values are those of the argument. */
  gives?: 'argument'
  /** Between observations its answer changes at its turns and never else: not by growing old, not with the engine's clock. */
  steady?: true
  /** Of the number that it gives. */
  unit?: string
  /** Names of the values that a call with these arguments reads, to be shown on the alert. */
  reads?(args: readonly Node[]): string[]
  help: Texts
  example: string
  compile(args: readonly Node[], build: Builder): Evaluate
}

/** The tree is valid CEL, but conditions do not use this part of the language. */
export class UnsupportedError extends Error {
  constructor(what: string) {
    super(`"${what}" is not part of the rule language`)
    this.name = 'UnsupportedError'
  }
}

/** Puts a value into the memory of the key that is judged; what the key remembered before stays as it was. */
export function remember(context: Context, slot: number, value: unknown): void {
  if (!context.remembers) {
    context.memory = [...context.memory]
    context.remembers = true
  }
  const own = context.memory as unknown[]
  own[slot] = value
}

/** The value of an argument that is written out, not computed. */
export function constant(node: Node | undefined): unknown {
  return node?.op === 'value' ? (typeof node.args === 'bigint' ? Number(node.args) : node.args) : undefined
}

/** How long an argument says, ms: written out, or a param, which may be another one for another asset. */
export function lengthOf(name: string, node: Node | undefined, build: Pick<Builder, 'sample'>): (context: Context) => number {
  if (node?.op === '.') return build.sample(node) as (context: Context) => number
  const ms = parseDuration(String(constant(node)))
  if (ms === undefined) throw new UnsupportedError(`${name} without a duration`)
  return () => ms
}

/** What an argument counts: written out, or a param. */
export function countOf(name: string, node: Node | undefined, build: Pick<Builder, 'sample'>): (context: Context) => number {
  if (node?.op === '.') return build.sample(node) as (context: Context) => number
  const count = constant(node)
  if (typeof count !== 'number') throw new UnsupportedError(`${name} without a number`)
  return () => count
}
