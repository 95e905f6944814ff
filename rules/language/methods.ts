import { compilePattern } from './pattern.ts'

type Method = (text: string, other: string) => boolean

/** What can be asked of a text, `text.startsWith('x')`. */
export const METHODS: Record<string, Method> = {
  startsWith: (text, other) => text.startsWith(other),
  endsWith: (text, other) => text.endsWith(other),
  contains: (text, other) => text.includes(other),
  matches: (text, pattern) => matcher(pattern)(text),
}

const matchers = new Map<string, (text: string) => boolean>()
const MOST_MATCHERS = 500

/** A pattern that an author may edit as a param is compiled once; one that is none matches nothing. */
function matcher(pattern: string): (text: string) => boolean {
  let made = matchers.get(pattern)
  if (!made) {
    const compiled = compilePattern(pattern)
    made = 'matches' in compiled ? compiled.matches : () => false
    if (matchers.size >= MOST_MATCHERS) matchers.clear()
    matchers.set(pattern, made)
  }
  return made
}
