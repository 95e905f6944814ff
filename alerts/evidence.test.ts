import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertId, DeviceId, GatewayId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { Files } from '../domain/ports/files.ts'
import type { Change } from '../domain/projection.ts'
import type { Instant } from '../domain/time.ts'
import { DISPATCHER, NINE, transitionOf } from '../fixtures/records.ts'
import type { Places } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { openFiles } from '../store/files.ts'
import { createAlerts } from './alerts.ts'
import { alertsApplier } from './applier.ts'
import { attachDue, type EvidenceDeps, openEvidence } from './evidence.ts'

const places: Pick<Places, 'at'> = { at: () => ({ area: '120116001002', grid: '120116001002003' }) }
const OBSERVED: Observation = {
  type: 'observation',
  offset: 1,
  receivedAt: NINE + 10,
  kind: 'cover',
  device: 'cover-0001' as DeviceId,
  gateway: 'gw1' as GatewayId,
  at: NINE,
  payload: { at: NINE, tiltDeg: 32.5 },
}

let at: TemporaryBook
let files: Files
let projector: Projector
let pictures: Instant[]
let changed: Change[]
let failures: unknown[]

function deps(given: Partial<EvidenceDeps> = {}): EvidenceDeps {
  return {
    book: at.book,
    files,
    stills: {
      async near(camera, when, withinMs) {
        const nearest = pictures.filter((picture) => Math.abs(picture - when) <= withinMs).sort((a, b) => Math.abs(a - when) - Math.abs(b - when))[0]
        return nearest === undefined ? undefined : { at: nearest, jpeg: new TextEncoder().encode(`${camera} at ${nearest}`) }
      },
    },
    observations: async (offsets) => [OBSERVED].filter(({ offset }) => offsets.includes(offset)),
    commit: projector.commit,
    changed: (changes) => changed.push(...changes),
    now: () => NINE,
    failed: (error) => failures.push(error),
    ...given,
  }
}

async function open(): Promise<void> {
  projector = await createProjector(at.book, [alertsApplier(places)], async () => undefined)
}

async function evidence(id = 'a-1') {
  const alerts = createAlerts({ book: at.book, journal: { append: () => Promise.reject(new Error('unused')) }, reached: projector.reached })
  return alerts.get(id, DISPATCHER)
}

/** Raised 60 s after it began, and heard of an hour later. */
const SCENE = { model: 'yolox@1', devices: ['cam-1' as DeviceId], at: NINE + 60_000, raisedAt: NINE + 3_600_000 }

beforeEach(async () => {
  at = await temporaryBook()
  files = await openFiles(join(at.folder, 'files'))
  ;[pictures, changed, failures] = [[], [], []]
  await open()
})
afterEach(() => at.remove())

describe('evidence', () => {
  it('is the readings that decided, with what they were compared with', async () => {
    await projector.apply({ through: 10, entries: [transitionOf(10)] })
    expect(await attachDue(deps(), NINE)).toBeUndefined()
    const [piece] = (await evidence()).evidence
    expect(piece).toMatchObject({ kind: 'readings', at: '2026-11-21T09:00:00.000Z', url: `/api/v1/evidence/${piece?.id}` })
    const bytes = await files.get(piece?.id as never)
    expect(
      createHash('sha256')
        .update(bytes ?? '')
        .digest('hex'),
    ).toBe(piece?.sha256)
    expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ alert: 'a-1', params: { tiltDeg: 15 }, observations: [OBSERVED] })
    expect(changed.map(({ event }) => [event.type, event.subject])).toEqual([['city.wanglou.alert.updated.v1', 'a-1']])
  })

  it('of a scene is the pictures nearest to when it began and when it was raised', async () => {
    pictures = [NINE - 8000, NINE - 1000, NINE + 61_000]
    await projector.apply({ through: 10, entries: [transitionOf(10, SCENE)] })
    await attachDue(deps(), NINE)
    expect((await evidence()).evidence.filter(({ kind }) => kind === 'still').map((piece) => Date.parse(piece.at))).toEqual([NINE - 1000, NINE + 61_000])
  })

  it('waits for a picture that comes later, and attaches nothing twice', async () => {
    await projector.apply({ through: 10, entries: [transitionOf(10, SCENE)] })
    const next = await attachDue(deps(), NINE)
    expect(next).toBeGreaterThan(NINE)
    expect((await evidence()).evidence.map(({ kind }) => kind)).toEqual(['readings'])
    pictures = [NINE, NINE + 60_000]
    expect(await attachDue(deps(), next ?? 0)).toBeUndefined()
    expect((await evidence()).evidence.map(({ kind }) => kind).sort()).toEqual(['readings', 'still', 'still'])
    expect(changed).toHaveLength(2)
  })

  it('that never comes is given up at last, and the timeline says what is missing', async () => {
    await projector.apply({ through: 10, entries: [transitionOf(10, SCENE)] })
    let now: Instant | undefined = NINE
    let attempts = 0
    while (now !== undefined) {
      now = await attachDue(deps(), now)
      attempts++
    }
    expect(attempts).toBeGreaterThan(3)
    const missing = (await evidence()).timeline.filter(({ what }) => what === 'evidence').map(({ note }) => note)
    expect(missing).toEqual(['no picture of cam-1 near 2026-11-21T09:00:00.000Z', 'no picture of cam-1 near 2026-11-21T09:01:00.000Z'])
  })

  it('survives a restart and a disk that fails', async () => {
    await projector.apply({ through: 10, entries: [transitionOf(10)] })
    const broken: Files = { put: () => Promise.reject(new Error('the disk is full')), get: files.get }
    const next = await attachDue(deps({ files: broken }), NINE)
    expect(failures.map(String)).toEqual(['Error: the disk is full'])
    await at.reopen()
    await open()
    expect(await attachDue(deps(), next ?? 0)).toBeUndefined()
    expect((await evidence()).evidence).toHaveLength(1)
  })

  it('is attached by itself after a raise, and only those who see the alert may read it', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly Change[]>()
    const room = openEvidence(deps({ changed: resolve }))
    await projector.apply({ through: 10, entries: [transitionOf(10), transitionOf(10, { n: 1, alert: 'a-2' as AlertId, shadow: true })] })
    room.kick()
    await promise
    await room.close()
    const id = (await evidence()).evidence[0]?.id ?? ''
    expect(await room.get(id, { ...DISPATCHER, area: '120116' })).toMatchObject({ type: 'application/json', sha256: (await evidence()).evidence[0]?.sha256 })
    await expect(room.get(id, { ...DISPATCHER, area: '120117' })).rejects.toMatchObject({ code: 'not_found' })
    const { id: loose } = await files.put(new Uint8Array([1]), 'jpg')
    await expect(room.get(loose, DISPATCHER)).rejects.toMatchObject({ code: 'not_found' })
    await expect(room.get('../book.db', DISPATCHER)).rejects.toMatchObject({ code: 'not_found' })
  })
})
