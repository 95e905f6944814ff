import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../drivers/sqlite.ts'
import { assetOf, recordOf, transitionOf } from '../../fixtures/records.ts'
import { controlsApplier } from './controls.ts'
import { createProjector } from './projector.ts'
import { type TemporaryBook, temporaryBook } from './temporary-book.ts'

let at: TemporaryBook
beforeEach(async () => {
  at = await temporaryBook()
})
afterEach(() => at.remove())

const gateway = (offset: number, state: 'online' | 'draining' | 'offline') => recordOf(offset, { type: 'gateway', by: 'gw', gateway: 'gw', state, at: 0, oldest: null })

it('what changes the engine’s picture of the city is kept as it was, in order; what people decide is not', async () => {
  const projector = await createProjector(at.book, [controlsApplier], async () => undefined)
  const kept = [
    recordOf(1, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'cover-0001' }) }),
    recordOf(3, { type: 'camera', by: 'zhao', id: 'cam-1', version: 1, config: { zones: [] } }),
    recordOf(5, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'cover-0001', area: '120116' }) }),
    recordOf(6, { type: 'calendar', by: 'zhao', id: 'work', calendar: { zone: 'Asia/Shanghai', hours: [], holidays: [], workdays: [], source: '' } }),
  ]
  const others = [transitionOf(2), recordOf(4, { type: 'acknowledge', by: 'lin', alert: 'a-1' })]
  const entries = [...kept, ...others].sort((a, b) => a.offset - b.offset)
  await projector.apply({ through: 6, entries })
  expect(await at.book.controls.all()).toEqual(kept)
  expect(await at.book.controls.since()).toBe(0)
})

it('a gateway that says again how it is says nothing new', async () => {
  const said = [gateway(1, 'online'), gateway(2, 'online'), gateway(3, 'draining'), gateway(4, 'online'), gateway(5, 'online'), gateway(6, 'offline')]
  for (const each of said) await at.book.controls.add(each)
  expect((await at.book.controls.all()).map(({ offset }) => offset)).toEqual([1, 3, 4, 6])
})

it('a book from before begins with the register that it has, and says from where on it knows more', async () => {
  await at.book.assets.save(assetOf({ id: 'cover-0001', area: '120116' }))
  await at.book.assets.discover(assetOf({ id: 'nobody', origin: 'auto' }))
  for (const version of [1, 2]) await at.book.assets.addCamera('cam-1', { version, config: { fps: version }, by: 'zhao', at: 5 })
  await at.book.setOffset(700)
  await at.book.close()
  const db = openDatabase(join(at.folder, 'book.db'), { synchronous: 'NORMAL' })
  db.exec("drop table controls; drop table controlsKept; delete from kysely_migration where name = '0005-controls'")
  db.close()
  await at.reopen()
  const all = await at.book.controls.all()
  expect(all).toMatchObject([
    { type: 'asset', asset: { id: 'cover-0001', area: '120116' } },
    { type: 'camera', id: 'cam-1', version: 2, config: { fps: 2 } },
  ])
  expect(all.every(({ offset }) => offset < 1)).toBe(true)
  expect(await at.book.controls.since()).toBe(700)
})
