import { CodedError } from '../../domain/errors.ts'
import type { Register } from '../../domain/ports/register.ts'
import type { Control } from '../../domain/record.ts'
import { formatInstant } from '../../domain/time.ts'
import type { Tables } from './book.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import type { oneAtATime } from './turns.ts'

type Turns = ReturnType<typeof oneAtATime>

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
        const present = await calendars.find(id)
        if (version !== (present?.version ?? 0)) {
          const extra = present ? { version: present.version, by: present.by, at: formatInstant(present.at) } : { version: 0 }
          throw new CodedError('version.stale', undefined, { extra })
        }
        await write({ type: 'calendar', by: who.name, id, calendar: given })
        return calendar(id)
      }),
  }
}
