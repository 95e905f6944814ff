import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../drivers/sqlite.ts'
import { type TemporaryBook, temporaryBook } from './temporary-book.ts'

let at: TemporaryBook
beforeEach(async () => {
  at = await temporaryBook()
})
afterEach(() => at.remove())

/** The book as it was before its rules knew areas and moves, with one of them in it. */
async function takeBack(): Promise<void> {
  await at.book.close()
  const db = openDatabase(join(at.folder, 'book.db'), { synchronous: 'NORMAL' })
  db.exec(`
    drop index rulesState; drop index transitionsShadow; drop index alertsKey; drop index alertsVerdict; drop table ruleMoves; drop table calendars;
    delete from kysely_migration where name in ('0003-rules', '0009-rule-guards');
    ${['base', 'areas', 'guard', 'since', 'movedBy', 'why', '"offset"'].map((column) => `alter table rules drop column ${column};`).join('\n')}
    insert into rules (id, version, state, source, file, author, note, at) values ('gas', 1, 'live', 'rule: gas', '{"rule":"gas"}', 'zhao', 'first', 1000);`)
  db.close()
}

it('an older book keeps its rules: they are live everywhere, since they were written, by who wrote them', async () => {
  await takeBack()
  await at.reopen()
  expect(await at.book.rules.find('gas', 1)).toMatchObject({ state: 'live', areas: null, guard: null, base: null, since: 1000, movedBy: 'zhao', why: '' })
  expect(await at.book.rules.moves('gas')).toEqual([{ version: 1, at: 1000, by: 'zhao', state: 'live', areas: null, guard: null, note: 'first' }])
  expect([...(await at.book.rules.live(['gas'])).keys()]).toEqual(['gas'])
})
