import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createLoopbackJournal } from '../fixtures/loopback-journal.ts'
import { NINE } from '../fixtures/records.ts'
import { parseRuleFile } from '../rules/file.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { temporaryBook } from '../store/book/temporary-book.ts'
import { importRuleBook } from './rule-book.ts'

const RULE = 'rule: tilted\ntitle: { zh: 倾斜, en: Tilted }\non: cover\nwhen: tiltDeg > 15\nseverity: major\n'
const CALENDARS = 'work:\n  hours: [{ days: [work], from: "08:00", to: "17:00" }]\nnight:\n  hours: [{ days: [mon], from: "22:00", to: "06:00" }]\n'

it('S1 a rule or a calendar whose file says something else than what is in force is reported at the start, and stays as it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wanglou-book-'))
  const at = await temporaryBook()
  try {
    const parse = (source: string) => {
      const parsed = parseRuleFile(source)
      if ('errors' in parsed) throw new Error(parsed.errors[0]?.why)
      return parsed.file
    }
    const projector = await createProjector(at.book, [registerApplier(await openPlaces(at.book), parse)], async () => undefined)
    const journal = createLoopbackJournal(projector.apply, () => NINE)
    const told: unknown[] = []
    const ignore = (): void => undefined
    const log = { debug: ignore, info: ignore, error: ignore, warn: (fields: object) => told.push(fields), child: () => log }
    const start = () => importRuleBook(at.book, { append: journal.append, shown: async () => void (await journal.settled()) }, { log, folder })
    writeFileSync(join(folder, 'tilted.yaml'), RULE)
    writeFileSync(join(folder, 'calendars.yaml'), CALENDARS)
    await start()
    await start()
    expect(told).toEqual([])

    writeFileSync(join(folder, 'tilted.yaml'), RULE.replace('15', '20'))
    writeFileSync(join(folder, 'calendars.yaml'), CALENDARS.replace('17:00', '18:00'))
    await start()
    expect(told).toEqual([{ rule: 'tilted', file: join(folder, 'tilted.yaml') }, { calendar: 'work' }])
    expect(await at.book.calendars.find('work')).toMatchObject({ version: 1, hours: [{ to: '17:00' }] })
  } finally {
    await at.remove()
    rmSync(folder, { recursive: true })
  }
})
