import type { Scalar } from './range.ts'

export interface Change {
  path: string
  before: Scalar | undefined
  after: Scalar | undefined
}

/** What two rules say differently, value by value, in order of the later one; paths as people write them (`params.tiltDeg`). */
export function changesOf(before: object, after: object): Change[] {
  const [was, is] = [flat(before), flat(after)]
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((path) =>
    was.get(path) === is.get(path) ? [] : [{ path: path.replace(/^(params\.\w+)\.value$/, '$1'), before: was.get(path), after: is.get(path) }],
  )
}

function flat(value: unknown, path = '', into = new Map<string, Scalar>()): Map<string, Scalar> {
  if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) flat(inner, path === '' ? name : `${path}.${Number.isInteger(Number(name)) ? Number(name) + 1 : name}`, into)
  else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') into.set(path, value)
  return into
}
