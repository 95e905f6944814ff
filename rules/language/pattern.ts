/**
 * Regular expressions in linear time (S18): a pattern becomes an automaton whose states are all followed at once, so that
 * no text can make it go back and try again. Time is at most length of the text × states of the automaton, whatever the
 * pattern. The language is that of RE2 as far as rules need it: literals, `.`, classes, `\d \w \s \b`, anchors, groups,
 * `|`, `* + ?` and `{n,m}`; there are no back references and no look-around. As in CEL, a match anywhere in the text counts.
 */
export type Pattern = { matches: (text: string) => boolean } | { why: string; at: number }

const MOST_STATES = 500
const MOST_CHARS = 256
/** A longer text is judged by its beginning. */
const MOST_TEXT = 4096

type Test = (char: string) => boolean
type Tree =
  | { is: 'char'; test: Test }
  | { is: 'edge'; holds: (before: string, after: string) => boolean }
  | { is: 'all'; of: Tree[] }
  | { is: 'any'; of: Tree[] }
  | { is: 'repeat'; of: Tree; min: number; max: number }

class PatternError extends Error {
  readonly at: number
  constructor(why: string, at: number) {
    super(why)
    this.at = at
  }
}

export function compilePattern(pattern: string): Pattern {
  if (pattern.length > MOST_CHARS) return { why: `the pattern is longer than ${MOST_CHARS} characters`, at: 0 }
  try {
    const states: State[] = []
    const tree = new Parser(pattern).whole()
    const begin = build(tree, push(states, { is: 'match' }), states)
    return { matches: (text) => run(states, begin, text) }
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown
    return { why: thrown.message, at: thrown.at }
  }
}

const isDigit: Test = (char) => char >= '0' && char <= '9'
const isWord: Test = (char) => isDigit(char) || (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_'
const isSpace: Test = (char) => char === ' ' || (char >= '\t' && char <= '\r')
const not =
  (test: Test): Test =>
  (char) =>
    !test(char)
const CLASSES: Record<string, Test> = { d: isDigit, D: not(isDigit), w: isWord, W: not(isWord), s: isSpace, S: not(isSpace) }
const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
const atWordEdge = (before: string, after: string): boolean => isWordAt(before) !== isWordAt(after)
const isWordAt = (char: string): boolean => char !== '' && isWord(char)

class Parser {
  readonly #chars: string[]
  #at = 0

  constructor(pattern: string) {
    this.#chars = [...pattern]
  }

  whole(): Tree {
    const tree = this.#any()
    if (this.#at < this.#chars.length) throw new PatternError('there is no ( for this )', this.#at)
    return tree
  }

  #take(char: string): boolean {
    if (this.#chars[this.#at] !== char) return false
    this.#at++
    return true
  }

  #any(): Tree {
    const of = [this.#all()]
    while (this.#take('|')) of.push(this.#all())
    return of.length === 1 && of[0] ? of[0] : { is: 'any', of }
  }

  #all(): Tree {
    const of: Tree[] = []
    for (let next = this.#chars[this.#at]; next !== undefined && next !== '|' && next !== ')'; next = this.#chars[this.#at]) of.push(this.#repeated())
    return { is: 'all', of }
  }

  #repeated(): Tree {
    const at = this.#at
    const of = this.#one()
    const times = this.#times()
    if (!times) return of
    if (of.is === 'edge') throw new PatternError('an anchor cannot be repeated', at)
    // Repeating once more means the same; a lazy repetition finds the same texts.
    if (['*', '+', '?'].includes(this.#chars[this.#at] ?? '')) {
      if (this.#chars[this.#at] !== '?') throw new PatternError('nothing to repeat', this.#at)
      this.#at++
    }
    return { is: 'repeat', of, min: times[0], max: times[1] }
  }

  #times(): [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity]
    if (this.#take('+')) return [1, Infinity]
    if (this.#take('?')) return [0, 1]
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.#chars.slice(this.#at, this.#at + 20).join(''))
    if (!counted) return undefined
    const min = Number(counted[1])
    const max = counted[2] === undefined ? min : counted[3] === '' ? Infinity : Number(counted[3])
    if (max < min) throw new PatternError('the greater number comes first', this.#at)
    this.#at += counted[0].length
    return [min, max]
  }

  #one(): Tree {
    const at = this.#at
    const char = this.#chars[this.#at++]
    switch (char) {
      case '(':
        return this.#group(at)
      case '[':
        return { is: 'char', test: this.#class(at) }
      case '.':
        return { is: 'char', test: (each) => each !== '\n' }
      case '^':
        return { is: 'edge', holds: (before) => before === '' }
      case '$':
        return { is: 'edge', holds: (_before, after) => after === '' }
      case '\\':
        return this.#escape(at)
      case '*':
      case '+':
      case '?':
        throw new PatternError('nothing to repeat', at)
      default:
        return { is: 'char', test: (each) => each === char }
    }
  }

  #group(at: number): Tree {
    if (this.#take('?') && !this.#take(':')) throw new PatternError('look-around and named groups are not part of the patterns of rules', at)
    const tree = this.#any()
    if (!this.#take(')')) throw new PatternError('this ( is never closed', at)
    return tree
  }

  #escape(at: number): Tree {
    const char = this.#chars[this.#at]
    if (char === 'b' || char === 'B') {
      this.#at++
      return { is: 'edge', holds: char === 'b' ? atWordEdge : (before, after) => !atWordEdge(before, after) }
    }
    return { is: 'char', test: this.#escaped(at) }
  }

  #escaped(at: number): Test {
    const char = this.#chars[this.#at++]
    if (char === undefined) throw new PatternError('nothing follows the \\', at)
    const test = CLASSES[char]
    if (test) return test
    const control = CONTROLS[char]
    if (control !== undefined) return (each) => each === control
    if (isDigit(char)) throw new PatternError('back references are not part of the patterns of rules', at)
    if (isWord(char)) throw new PatternError(`\\${char} is not part of the patterns of rules`, at)
    return (each) => each === char
  }

  #class(at: number): Test {
    const inverted = this.#take('^')
    const tests: Test[] = []
    for (let first = true; first || this.#chars[this.#at] !== ']'; first = false) {
      const low = this.#chars[this.#at]
      if (low === undefined) throw new PatternError('this [ is never closed', at)
      this.#at++
      if (low === '\\') {
        tests.push(this.#escaped(this.#at - 1))
        continue
      }
      const high = this.#chars[this.#at + 1]
      if (this.#chars[this.#at] !== '-' || high === undefined || high === ']') {
        tests.push((each) => each === low)
        continue
      }
      if (high === '\\' || high < low) throw new PatternError('the range is the wrong way round', this.#at - 1)
      this.#at += 2
      tests.push((each) => each >= low && each <= high)
    }
    this.#at++
    return (each) => tests.some((test) => test(each)) !== inverted
  }
}

type State =
  | { is: 'match' }
  | { is: 'char'; test: Test; next: number }
  | { is: 'edge'; holds: (before: string, after: string) => boolean; next: number }
  | { is: 'split'; next: number[] }

function push(states: State[], state: State): number {
  if (states.length >= MOST_STATES) throw new PatternError(`the pattern is too large (more than ${MOST_STATES} steps)`, 0)
  return states.push(state) - 1
}

/** The state with which `tree` begins when `next` follows it. */
function build(tree: Tree, next: number, states: State[]): number {
  switch (tree.is) {
    case 'char':
      return push(states, { is: 'char', test: tree.test, next })
    case 'edge':
      return push(states, { is: 'edge', holds: tree.holds, next })
    case 'all':
      return tree.of.reduceRight((after, each) => build(each, after, states), next)
    case 'any':
      return push(states, { is: 'split', next: tree.of.map((each) => build(each, next, states)) })
    case 'repeat':
      return buildRepeat(tree, next, states)
  }
}

function buildRepeat({ of, min, max }: Extract<Tree, { is: 'repeat' }>, next: number, states: State[]): number {
  let begin = next
  if (max === Infinity) {
    const loop = { is: 'split' as const, next: [next] }
    begin = push(states, loop)
    loop.next.push(build(of, begin, states))
  } else for (let i = min; i < max; i++) begin = push(states, { is: 'split', next: [next, build(of, begin, states)] })
  for (let i = 0; i < min; i++) {
    const before = build(of, begin, states)
    // `(){1000000000}`: nothing however often is nothing, and it takes no states that would stop it.
    if (before === begin) break
    begin = before
  }
  return begin
}

function run(states: readonly State[], begin: number, whole: string): boolean {
  const text = [...whole.slice(0, MOST_TEXT)]
  const reached = new Reached(states)
  let here: number[] = []
  for (let i = 0; i <= text.length; i++) {
    const [before, after] = [text[i - 1] ?? '', text[i] ?? '']
    reached.clear()
    if (reached.follow(begin, before, after)) return true
    for (const state of here) if (reached.follow(state, before, after)) return true
    here = after === '' ? [] : reached.after(after)
  }
  return false
}

/** States that are reached without reading on. */
class Reached {
  readonly #states: readonly State[]
  /** For each state the round in which it was reached last. */
  readonly #round: Int32Array
  #rounds = 0
  readonly #readers: Extract<State, { is: 'char' }>[] = []

  constructor(states: readonly State[]) {
    this.#states = states
    this.#round = new Int32Array(states.length)
  }

  clear(): void {
    this.#rounds++
    this.#readers.length = 0
  }

  /** Adds `first` and what follows it; true when the pattern has matched. */
  follow(first: number, before: string, after: string): boolean {
    const open = [first]
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.#round[index] === this.#rounds) continue
      this.#round[index] = this.#rounds
      const state = this.#states[index] as State
      if (state.is === 'match') return true
      if (state.is === 'char') this.#readers.push(state)
      else if (state.is === 'split') open.push(...state.next)
      else if (state.holds(before, after)) open.push(state.next)
    }
    return false
  }

  /** Where they go by reading this character; some may come twice. */
  after(char: string): number[] {
    const next: number[] = []
    for (const reader of this.#readers) if (reader.test(char)) next.push(reader.next)
    return next
  }
}
