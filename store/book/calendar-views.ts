import { CodedError } from '../../domain/errors.ts'
import type { Register } from '../../domain/ports/register.ts'
import type { Control } from '../../domain/record.ts'
import type { Tables } from './book.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import { refuseStale } from './stale.ts'
import type { Turns } from './turns.ts'

/** The calendars of the register; `write` appends a record and waits until it shows. */
export function calendarViews(
  { calendars }: Pick<Tables, 'calendars'>,
  turns: Turns,
  write: (control: Control) => Promise<void>,
): Pick<Register, 'calendars' | 'calendar' | 'putCalendar'> {
  const calendar: Register['calendar'] = async (id) => {
    const found = await calendars.find(id)
    if (!found) throw new CodedError('not_found')
    return found
  }
  return {
    calendar,
    async calendars({ limit, cursor }) {
      return pageOf(
        await calendars.list(cursor === undefined ? '' : decodeCursor(cursor, ['string'])[0], limit + 1),
        limit,
        (item) => item,
        (item) => [item.id],
      )
    },
    putCalendar: (id, version, given, who) =>
      turns(`calendar ${id}`, async () => {
        refuseStale(await calendars.find(id), version)
        await write({ type: 'calendar', by: who.name, id, calendar: given })
        return calendar(id)
      }),
  }
}
