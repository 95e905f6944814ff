import { areaContains } from '../domain/area.ts'
import { CodedError } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { SilenceOrder, Silences } from '../domain/ports/silences.ts'
import type { Control } from '../domain/record.ts'
import type { Principal } from '../domain/role.ts'
import { LONGEST_SILENCE_MS, type Matchers, type SilenceView } from '../domain/silence.ts'
import type { Instant } from '../domain/time.ts'
import type { Book } from '../store/book/book.ts'
import { pageOf } from '../store/book/cursor.ts'
import { dueAt, type Silence, toSilenceView } from '../store/book/silences.ts'
import { oneAtATime } from '../store/book/turns.ts'

export interface SilencesDeps {
  book: Book
  journal: ControlAppender
  /** Resolves once the record at this offset shows in the book. */
  reached(offset: Offset): Promise<void>
  newId(): string
  now(): Instant
}

/** Silences as people make and end them (domain/ports/silences.ts). */
export function createSilences({ book, journal, reached, newId, now }: SilencesDeps): Silences {
  const turns = oneAtATime()

  async function visible(id: string, who: Principal): Promise<Silence> {
    const silence = await book.silences.find(id, who.area)
    if (!silence) throw new CodedError('not_found')
    return silence
  }

  async function shown(silence: Silence, who: Principal): Promise<SilenceView> {
    return toSilenceView(silence, (await book.attention.quietCounts([silence.id], who.area)).get(silence.id) ?? 0)
  }

  async function write(control: Extract<Control, { type: 'silence' }>, who: Principal): Promise<SilenceView> {
    const { first } = await journal.append([control])
    await reached(first)
    return shown(await visible(control.id, who), who)
  }

  async function end(id: string, who: Principal): Promise<SilenceView> {
    const silence = await visible(id, who)
    if (!areaContains(who.area, silence.place)) throw new CodedError('auth.forbidden', 'The silence reaches beyond your area.')
    if (dueAt(silence) === null) throw new CodedError('silence.over')
    const { kind, from, to, matchers, reason } = silence
    return write({ type: 'silence', by: who.name, id, kind, from, to, matchers, reason, removed: true }, who)
  }

  return {
    async list(query, who) {
      const page = pageOf(
        await book.silences.list(query, who.area),
        query.limit,
        (silence) => silence,
        (silence) => [silence.offset],
      )
      const counts = await book.attention.quietCounts(
        page.items.map(({ id }) => id),
        who.area,
      )
      return { items: page.items.map((silence) => toSilenceView(silence, counts.get(silence.id) ?? 0)), next: page.next }
    },
    async create(order, who) {
      const { kind, from, to, reason } = checked(order, now())
      const matchers = await within(book, order.matchers, who)
      return write({ type: 'silence', by: who.name, id: newId(), kind, from, to, matchers, reason, removed: false }, who)
    },
    end: (id, who) => turns(id, () => end(id, who)),
  }
}

function checked({ kind, matchers, from: wanted, to, reason }: SilenceOrder, now: Instant): { kind: SilenceOrder['kind']; from: Instant; to: Instant; reason: string } {
  const from = wanted ?? now
  const wrong = [
    ...(Object.keys(matchers).length === 0 ? [{ where: 'matchers', why: 'must name at least one thing: a silence of everything hides everything' }] : []),
    ...(to <= now ? [{ where: 'to', why: 'is over' }] : to <= from ? [{ where: 'to', why: 'must be later than from' }] : []),
    ...(reason.trim() === '' ? [{ where: 'reason', why: 'must say why' }] : []),
  ]
  if (wrong.length > 0) throw new CodedError('request.invalid', 'A silence has bounds and a reason.', { details: wrong })
  if (to > now + LONGEST_SILENCE_MS) throw new CodedError('silence.too_long')
  return { kind, from, to, reason: reason.trim() }
}

/** Confined to what the caller may see. A rule that is none would be a silence that never does anything. */
async function within(book: Book, matchers: Matchers, who: Principal): Promise<Matchers> {
  const { rule, asset, area } = matchers
  if (area !== undefined && !areaContains(who.area, area)) throw new CodedError('not_found')
  if (asset !== undefined && !(await book.assets.find(asset, who.area))) throw new CodedError('not_found')
  if (rule !== undefined && (await book.rules.versions(rule)).length === 0)
    throw new CodedError('request.invalid', undefined, { details: [{ where: 'matchers.rule', why: 'no rule has this id' }] })
  return area === undefined && who.area !== '' ? { ...matchers, area: who.area } : matchers
}
