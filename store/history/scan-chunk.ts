import type { Payload } from '../../domain/observation.ts'

/** Members in the order in which payloads had them last: senders keep to one, so looking there first saves taking the name out of the text. */
export type Layout = { text: string; name: string; wanted: boolean }[]

type Take = (offset: number, receivedAt: number, gateway: string, at: number, payload: Payload) => void

/** Where the scan stands; one for all, because a scan is synchronous and a closure per observation would cost as much as its text. */
let text = ''
let place = 0

/**
 * Reads the body of a chunk (chunks.ts: `[[offset,receivedAt,"gateway",at,{payload}],…]`) and takes out of each payload the wanted members only; the others are passed over unparsed.
 */
export function scanChunk(body: string, members: ReadonlySet<string>, layout: Layout, take: Take): void {
  text = body
  place = 1
  while (text.charCodeAt(place) === OPEN_LIST) {
    place++
    const offset = integer()
    const receivedAt = integer()
    const gateway = member()
    const at = integer()
    take(offset, receivedAt, gateway, at, payload(members, layout))
    // `]` and the comma before the next one.
    place += 2
  }
  if (place < text.length && text !== '[]') throw cut()
  text = ''
}

const TAB = 9
const LINE = 10
const RETURN = 13
const SPACE = 32
const QUOTE = 34
const COMMA = 44
const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57
const COLON = 58
const BACKSLASH = 92
const OPEN_LIST = 91
const CLOSE_LIST = 93
const OPEN = 123
const CLOSE = 125

/** An integer and the comma behind it. */
function integer(): number {
  const negative = text.charCodeAt(place) === MINUS
  if (negative) place++
  let value = 0
  let code = text.charCodeAt(place)
  for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++place)) value = value * 10 + code - ZERO
  if (code !== COMMA) throw cut()
  place++
  return negative ? -value : value
}

/** A text without escapes, as ids are, and the comma behind it. */
function member(): string {
  const end = text.indexOf('"', place + 1)
  if (end < 0) throw cut()
  const found = text.slice(place + 1, end)
  place = end + 2
  return found
}

function payload(members: ReadonlySet<string>, layout: Layout): Payload {
  const found: Record<string, unknown> = {}
  passBlank()
  if (text.charCodeAt(place++) !== OPEN) throw cut()
  passBlank()
  for (let index = 0; text.charCodeAt(place) !== CLOSE; index++) {
    if (text.charCodeAt(place) === COMMA) place++
    const like = layout[index]
    const known = like !== undefined && text.startsWith(like.text, place) ? like : nameAt(members)
    if (known !== like && index < MOST_LAYOUT) layout[index] = known
    place += known.text.length
    passBlank()
    const start = place
    const first = text.charCodeAt(place)
    passValue(first)
    if (known.wanted) found[known.name] = first === MINUS || (first >= ZERO && first <= NINE) ? numberIn(start, place) : JSON.parse(text.slice(start, place))
    passBlank()
  }
  place++
  passBlank()
  return found as Payload
}

/** Payloads with more members than this have no layout worth keeping. */
const MOST_LAYOUT = 64

/** The name that stands here, with the colon and what may stand between. */
function nameAt(members: ReadonlySet<string>): Layout[number] {
  const start = place
  passBlank()
  const quote = place
  passText()
  const name = JSON.parse(text.slice(quote, place)) as string
  passBlank()
  if (text.charCodeAt(place++) !== COLON) throw cut()
  const known = { text: text.slice(start, place), name, wanted: members.has(name) }
  place = start
  return known
}

/** Payloads stand as they were sent: between any two signs may be blanks. */
function passBlank(): void {
  for (let code = text.charCodeAt(place); code === SPACE || code === LINE || code === RETURN || code === TAB; code = text.charCodeAt(++place));
}

/** A decimal of at most 15 digits is the quotient of two exact numbers, which division rounds as JSON.parse would; others are read from their text. */
function numberIn(start: number, end: number): number {
  const negative = text.charCodeAt(start) === MINUS
  let digits = 0
  let value = 0
  let fraction = 0
  for (let i = negative ? start + 1 : start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code >= ZERO && code <= NINE) {
      value = value * 10 + code - ZERO
      digits++
      if (fraction > 0) fraction++
    } else if (code === POINT) fraction = 1
    else digits = Infinity
  }
  if (digits > 15) return Number(text.slice(start, end))
  const read = fraction > 1 ? value / (TENS[fraction - 1] as number) : value
  return negative ? -read : read
}

const TENS = Array.from({ length: 16 }, (_, n) => 10 ** n)

function passText(): void {
  for (let code = text.charCodeAt(++place); code !== QUOTE; code = text.charCodeAt(++place)) {
    if (code === BACKSLASH) place++
    else if (place >= text.length) throw cut()
  }
  place++
}

function passValue(first: number): void {
  if (first === QUOTE) return passText()
  if (first === OPEN || first === OPEN_LIST) return passNested()
  for (let code = first; code !== COMMA && code !== CLOSE; code = text.charCodeAt(++place)) if (place >= text.length) throw cut()
}

function passNested(): void {
  for (let depth = 0; place < text.length; ) {
    const code = text.charCodeAt(place)
    if (code === QUOTE) {
      passText()
      continue
    }
    place++
    if (code === OPEN || code === OPEN_LIST) depth++
    else if ((code === CLOSE || code === CLOSE_LIST) && --depth === 0) return
  }
  throw cut()
}

function cut(): SyntaxError {
  return new SyntaxError(`a chunk is not as it was written, at ${place}`)
}
