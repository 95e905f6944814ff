import { LineCounter } from 'yaml'
import { messageOf } from '../domain/errors.ts'
import { readYaml } from './yaml.ts'

/** Where in a file, and to where on that line. Lines and columns count from 1. */
export interface Place {
  line: number
  column: number
  endColumn: number
}

/** One thing wrong with a rule file, where an editor can jump to it. */
export interface FileError extends Place {
  why: string
}

type Path = readonly PropertyKey[]
interface Ranged {
  range?: [start: number, valueEnd: number, nodeEnd: number]
}

/** A YAML text that knows where each of its values stands. */
export class SourceText {
  readonly #text: string
  readonly #lines = new LineCounter()
  readonly #document
  /** What could not be read at all. */
  readonly errors: FileError[]
  /** The values, as JSON has them. */
  readonly value: unknown

  constructor(text: string) {
    this.#text = text
    this.#document = readYaml(text, this.#lines)
    this.errors = this.#document.errors.map(({ pos, message }) => ({ ...this.#place(pos[0], pos[1]), why: message }))
    if (this.errors.length > 0) return
    try {
      this.value = this.#document.toJS()
    } catch (error) {
      // Aliases of aliases multiply until the reader refuses.
      this.errors.push({ line: 1, column: 1, endColumn: 2, why: messageOf(error) })
    }
  }

  /** Where a value stands; a missing one is blamed on what it is missing in, one that was inherited on `extends`. */
  placeOf(path: Path): Place {
    for (let depth = path.length; depth > 0; depth--) {
      const range = (this.#document.getIn(path.slice(0, depth), true) as Ranged | undefined)?.range
      if (range) return this.#place(range[0], range[1])
    }
    const parent = (this.#document.getIn(['extends'], true) as Ranged | undefined)?.range ?? this.#document.contents?.range
    return parent ? this.#place(parent[0], parent[1]) : { line: 1, column: 1, endColumn: 2 }
  }

  /** Where a key stands. */
  placeOfKey(path: Path, key: string): Place {
    const map = (path.length === 0 ? this.#document.contents : this.#document.getIn(path, true)) as { items?: { key: Ranged & { value?: unknown } }[] } | null | undefined
    const range = map?.items?.find((item) => item.key.value === key)?.key.range
    return range ? this.#place(range[0], range[1]) : this.placeOf(path)
  }

  /** Where a fault stands: at a value, or at the name that it stands under. */
  placeOfFault({ path, key }: { path: Path; key?: string }): Place {
    return key === undefined ? this.placeOf(path) : this.placeOfKey(path, key)
  }

  /** Where a part of a text value stands, by its positions in the value; quotes and folded lines stand between the two. */
  placeWithin(path: Path, start: number, end: number): Place {
    const node = this.#document.getIn(path, true) as (Ranged & { value?: unknown }) | undefined
    if (!node?.range || typeof node.value !== 'string') return this.placeOf(path)
    const positions = alignment(node.value, this.#text.slice(node.range[0], node.range[1]))
    const from = node.range[0] + (positions[start] ?? 0)
    const last = node.range[0] + (positions[Math.max(start, end - 1)] ?? 0)
    return this.#place(from, Math.max(last, from) + 1)
  }

  #place(from: number, to: number): Place {
    const start = this.#lines.linePos(from)
    const end = this.#lines.linePos(Math.max(from, to))
    const lineEnd = this.#text.indexOf('\n', from)
    const columns = (lineEnd < 0 ? this.#text.length : lineEnd) - from
    return { line: start.line, column: start.col, endColumn: end.line === start.line ? Math.max(end.col, start.col + 1) : start.col + Math.max(1, columns) }
  }
}

/** For each character of a scalar's value its position in the scalar's source. */
function alignment(value: string, source: string): number[] {
  const quote = source[0] === '"' || source[0] === "'" ? source[0] : ''
  let at = /^[|>]/.test(source) ? source.indexOf('\n') + 1 : quote.length
  const positions: number[] = []
  let last = ''
  for (const char of value) {
    const blank = /\s/.test(char)
    // Folding and indentation turn a run of white space into another one.
    if (!blank || !/\s/.test(last)) while (/\s/.test(source[at] ?? '') && !(blank && source[at] === char)) at++
    positions.push(at)
    const escaped = (quote === "'" && source[at] === "'") || (quote === '"' && source[at] === '\\')
    if (!blank || source[at] === char) at += escaped ? 2 : char.length
    last = char
    for (let extra = 1; extra < char.length; extra++) positions.push(at)
  }
  return positions
}
