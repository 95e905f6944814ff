import type { Scalar } from '../../domain/alert.ts'
import type { Evaluate, Result } from './values.ts'

/** Three-valued logic (S4): undefined is unknown. */
export const and =
  (a: Evaluate, b: Evaluate): Evaluate =>
  (context) => {
    const left = a(context)
    if (left === false) return false
    const right = b(context)
    if (right === false) return false
    return left === undefined || right === undefined ? undefined : true
  }

export const or =
  (a: Evaluate, b: Evaluate): Evaluate =>
  (context) => {
    const left = a(context)
    if (left === true) return true
    const right = b(context)
    if (right === true) return true
    return left === undefined || right === undefined ? undefined : false
  }

export const not =
  (a: Evaluate): Evaluate =>
  (context) => {
    const value = a(context)
    return value === undefined ? undefined : !value
  }

export const negate =
  (a: Evaluate): Evaluate =>
  (context) => {
    const value = a(context)
    return value === undefined ? undefined : -(value as number)
  }

export const choose =
  (test: Evaluate, yes: Evaluate, no: Evaluate): Evaluate =>
  (context) => {
    const value = test(context)
    if (value === undefined) return undefined
    return value ? yes(context) : no(context)
  }

const OPERATORS: Record<string, (a: never, b: never) => Result> = {
  '==': (a: Result, b: Result) => a === b,
  '!=': (a: Result, b: Result) => a !== b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => finite(a / b),
  '%': (a: number, b: number) => finite(a % b),
  in: (a: Scalar, b: readonly Scalar[]) => b.includes(a),
}

/** A division by zero says nothing. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

export function binary(op: string, a: Evaluate, b: Evaluate): Evaluate {
  const apply = OPERATORS[op] as (left: Result, right: Result) => Result
  return (context) => {
    const left = a(context)
    if (left === undefined) return undefined
    const right = b(context)
    return right === undefined ? undefined : apply(left, right)
  }
}
