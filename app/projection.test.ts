import { Subject } from 'rxjs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AssetId, DeviceId } from '../domain/ids.ts'
import type { Digest } from '../domain/projection.ts'
import { openDatabase } from '../drivers/sqlite.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { startProjection } from './projection.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => quiet }
const discovered = (offset: number): Digest => ({
  through: offset,
  entries: [{ type: 'discovered', offset, receivedAt: offset, asset: `c-${offset}` as AssetId, device: `c-${offset}` as DeviceId, kind: 'cover' }],
})
let at: TemporaryBook

beforeEach(async () => {
  at = await temporaryBook()
})
afterEach(() => at.remove())

it('a book that cannot be written keeps what comes waiting, says why, and goes on in order when it can', async () => {
  const projector = await createProjector(at.book, [registerApplier(await openPlaces(at.book), () => expect.unreachable())], async () => undefined)
  const digests$ = new Subject<Digest>()
  const applied: number[] = []
  const projection = startProjection({ digests$, projector, applied: ({ through }) => applied.push(through), log: quiet })
  digests$.next(discovered(1))
  await projector.reached(1)

  const disk = openDatabase(`${at.folder}/book.db`, { synchronous: 'NORMAL' })
  // As a full disk does: SQLite itself takes the transaction back.
  disk.exec("CREATE TRIGGER refuse BEFORE INSERT ON assets BEGIN SELECT RAISE(ROLLBACK, 'no room'); END")
  const waiting = projector.reached(2)
  digests$.next(discovered(2))
  digests$.next(discovered(3))
  await expect(waiting).rejects.toMatchObject({ code: 'not_ready', message: expect.stringContaining('(no room)') })
  await expect(projector.reached(3)).rejects.toMatchObject({ code: 'not_ready' })
  expect([projection.fault(), applied]).toEqual(['no room', [1]])

  disk.exec('DROP TRIGGER refuse')
  disk.close()
  await expect.poll(() => applied, { timeout: 5000 }).toEqual([1, 2, 3])
  expect(projection.fault()).toBeUndefined()
  await projector.reached(3)
  expect((await at.book.assets.list({ after: '', limit: 10 }, '')).map(({ id }) => id)).toEqual(['c-1', 'c-2', 'c-3'])
  projection.close()
  await expect(projector.reached(4)).rejects.toMatchObject({ code: 'not_ready', message: expect.stringContaining('going down') })
})
