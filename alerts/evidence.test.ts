import { createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertId } from '../domain/ids.ts'
import type { Change } from '../domain/projection.ts'
import { formatInstant, type Instant } from '../domain/time.ts'
import { DISPATCHER, NINE, recordOf, transitionOf } from '../fixtures/records.ts'
import { attachDue } from './evidence/attach.ts'
import { looksIn } from './evidence/held.ts'
import { relink } from './evidence/relink.ts'
import { CAMERA, cameraAt, car, type EvidenceRig, evidenceRig, left, OBSERVED, parked, ruleAt, second } from './evidence/room.fixture.ts'
import { checkSignature } from './evidence/signature.ts'
import { openEvidence } from './evidence.ts'

let rig: EvidenceRig
beforeEach(async () => {
  rig = await evidenceRig()
})
afterEach(() => rig.remove())

const kinds = async (id?: string): Promise<string[]> => (await rig.alert(id)).evidence.map(({ kind, shows }) => shows ?? kind).sort()
const notes = async (): Promise<string[]> => (await rig.alert()).timeline.filter(({ what }) => what === 'evidence').map(({ note }) => note)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
/** Works until nothing waits, and says when it did. */
async function untilSettled(from: Instant = NINE, given = {}): Promise<Instant[]> {
  const times: Instant[] = []
  for (let now: Instant | undefined = from; now !== undefined; now = await attachDue(rig.deps({ now: () => now as Instant, ...given }), now)) times.push(now)
  return times
}
const ZONE = {
  id: 'kerb',
  type: 'no-parking',
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
  ],
}

describe('evidence', () => {
  it('is the readings that decided, with what they were compared with, under a manifest that the platform signed', async () => {
    await rig.apply(transitionOf(10))
    expect(await attachDue(rig.deps(), NINE)).toBeUndefined()
    const pieces = (await rig.alert()).evidence
    const readings = pieces.find(({ kind }) => kind === 'readings')
    expect(readings).toMatchObject({ at: '2026-11-21T09:00:00.000Z', url: `/api/v1/evidence/${readings?.id}` })
    const bytes = (await rig.files.get(readings?.id as never)) ?? new Uint8Array()
    expect([sha256(bytes), bytes.length]).toEqual([readings?.sha256, readings?.bytes])
    expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ alert: 'a-1', params: { tiltDeg: 15 }, observations: [OBSERVED] })
    const manifest = await rig.manifest()
    expect(checkSignature(manifest, [rig.deps().signer.publicKey])).toEqual({ found: 'good', key: rig.deps().signer.keyId })
    expect(manifest).toMatchObject({
      alert: { id: 'a-1', key: 'cover-0001', values: { tiltDeg: 32.5 }, observations: [1] },
      rule: { id: 'cover-displaced', version: 1, params: { tiltDeg: 15 } },
      clock: { device: 'cover-0001', skewMs: 120, state: 'ok' },
      files: [{ name: 'readings.json', sha256: readings?.sha256, receivedAt: formatInstant(OBSERVED.receivedAt) }],
    })
    expect(rig.changed.map(({ event }) => [event.type, event.subject])).toEqual([['city.wanglou.alert.updated.v1', 'a-1']])
  })

  it('of a car that stands is a picture of its coming, one of when it had stood long enough, and one of its last look', async () => {
    await rig.see([-1, 0, 30, 60, 90, 118])
    await rig.see([120, 125], [])
    await rig.apply(cameraAt(1, { zones: [ZONE] }), ruleAt(2, { rule: 'parking', each: 'object', for: '60s' }), parked(10))
    await untilSettled(second(65))
    expect(await kinds()).toEqual(['confirmed', 'first', 'manifest', 'readings', 'scenes'])
    await rig.apply(...left(11, 120))
    await untilSettled(second(150))
    const stills = (await rig.alert()).evidence.filter(({ kind }) => kind === 'still')
    expect(stills.map(({ shows, at }) => [shows, at])).toEqual([
      ['first', formatInstant(second(0))],
      ['confirmed', formatInstant(second(60))],
      ['last', formatInstant(second(118))],
    ])
    const manifest = await rig.manifest()
    expect(manifest).toMatchObject({
      alert: { resolvedAt: formatInstant(second(150)) },
      model: { name: 'yolox@1', sha256: 'ab'.repeat(32) },
      camera: { id: CAMERA, version: 1, zones: [ZONE] },
    })
    expect(manifest.files.filter(({ kind }) => kind === 'still').map(({ at, receivedAt, scene }) => [at === scene?.at, receivedAt])).toEqual(
      [0, 60, 118].map((each) => [true, formatInstant(second(each) + 200)]),
    )
    // The boxes stand beside the pictures, as data and under a hash.
    const scenes = manifest.files.find(({ kind }) => kind === 'scenes')
    const looks = looksIn(await rig.files.get(scenes?.id as never))
    expect(looks.map(({ at, objects }) => [at, objects[0]?.box])).toEqual([0, 60, 118].map((each) => [second(each), car.box]))
    expect(scenes?.sha256).toBe(sha256((await rig.files.get(scenes?.id as never)) ?? new Uint8Array()))
  })

  it('of a camera that was told to look no more ends with its last picture, however long ago that was', async () => {
    await rig.see([0, 60, 70])
    await rig.apply(ruleAt(2, { rule: 'parking', each: 'object' }), parked(10), parked(11, { what: 'resolved', condition: 'resolved', at: second(9000), resolvedAt: second(9000) }))
    await untilSettled(second(9001))
    expect((await rig.alert()).evidence.find(({ shows }) => shows === 'last')?.at).toBe(formatInstant(second(70)))
  })

  it('of a spillage shows the road before, the truck, and what lies there after', async () => {
    const [truck, soil] = ['muck-truck-loaded-open', 'spillage'].map((label) => ({ ...car, label, track: label }))
    await rig.see([-20, -10])
    await rig.see([0], [truck as typeof car])
    await rig.see([10, 20, 30], [soil as typeof car])
    const when = 'count(objects("spillage", "road") > 0, "30s") >= 3 && count(objects("muck-truck-loaded-open", "road") > 0, "1m") >= 1'
    await rig.apply(ruleAt(2, { rule: 'spill', when }), parked(10, { rule: 'spill' as never, key: CAMERA, openedAt: second(30), at: second(30) }))
    await untilSettled(second(31))
    expect((await rig.alert()).evidence.filter(({ kind }) => kind === 'still').map(({ shows, at }) => [shows, at])).toEqual([
      ['before', formatInstant(second(-10))],
      ['during', formatInstant(second(0))],
      ['after', formatInstant(second(30))],
    ])
  })

  it('waits for pictures and a clip that come later, and attaches nothing twice', async () => {
    rig.clips.cut = async (_, from, to) => {
      const ready = to + 8000
      return clock < ready ? { none: 'the clip is not over yet', again: ready } : { bytes: new Uint8Array([1, 2, 3]), at: from, ms: to - from, of: 'video' }
    }
    let clock = second(61)
    await rig.apply(parked(10))
    const next = await attachDue(rig.deps(), clock)
    expect(next).toBeGreaterThan(clock)
    expect(await kinds()).toEqual(['manifest', 'readings'])
    await rig.see([0, 60])
    for (let due = next; due !== undefined; due = await attachDue(rig.deps(), due)) clock = due
    expect(await kinds()).toEqual(['clip', 'confirmed', 'first', 'manifest', 'readings', 'scenes'])
    expect(clock).toBeGreaterThanOrEqual(second(60 + 20 + 8))
    expect((await rig.manifest()).files.find(({ kind }) => kind === 'clip')).toMatchObject({ name: 'clip.mp4', at: formatInstant(second(50)), ms: 30_000, of: 'video' })
    expect(await notes()).toEqual([])
  })

  it('that never comes is given up at last, and timeline and manifest say what is missing', async () => {
    await rig.apply(parked(10))
    expect((await untilSettled()).length).toBeGreaterThan(3)
    const missing = ['no clip: this test has none', 'no picture of cam-1 near 2026-11-21T09:00:00.000Z (first)', 'no picture of cam-1 near 2026-11-21T09:01:00.000Z (confirmed)']
    expect((await notes()).sort()).toEqual(missing)
    expect((await rig.manifest()) as object).toMatchObject({ missing: expect.arrayContaining(missing) })
    await rig.apply(...left(11, 120))
    await untilSettled()
    expect((await notes()).filter((note) => note === missing[0])).toHaveLength(1)
  })

  it('of a judged alert says who judged it, in a new manifest that takes the place of the old', async () => {
    await rig.apply(transitionOf(10))
    await attachDue(rig.deps(), NINE)
    const [before] = (await rig.alert()).evidence.filter(({ kind }) => kind === 'manifest')
    await rig.apply(recordOf(11, { type: 'verdict', by: 'lin', alert: 'a-1', rule: 'cover-displaced', key: 'cover-0001', verdict: 'confirmed', reason: 'seen' }))
    await attachDue(rig.deps(), NINE + 60_000)
    expect((await rig.manifest()) as object).toMatchObject({ verdict: { by: 'lin', note: 'confirmed: seen' }, signedAt: formatInstant(NINE + 60_000) })
    expect(await rig.files.get(before?.id as never)).toBeUndefined()
    const changes = rig.changed.length
    await rig.at.book.evidence.want('a-1', false)
    await attachDue(rig.deps(), NINE + 120_000)
    expect(rig.changed).toHaveLength(changes)
  })

  it('that the disk does not take stops nobody, says so once, and comes when there is room', async () => {
    await rig.apply(transitionOf(10))
    const full = { files: { ...rig.files, put: () => Promise.reject(new Error('ENOSPC: no space left on device')) } }
    const next = (await attachDue(rig.deps(full), NINE)) ?? 0
    await attachDue(rig.deps(full), next)
    expect((await rig.alert()).condition).toBe('firing')
    expect(await rig.at.book.evidence.waiting()).toEqual({ waiting: 1, failing: 1 })
    expect(await notes()).toEqual(['evidence could not be kept, it is tried again every minute: ENOSPC: no space left on device'])
    await rig.reopen()
    await untilSettled(next + 60_000)
    expect(await kinds()).toEqual(['manifest', 'readings'])
    expect((await notes()).at(-1)).toBe('evidence could be kept after all')
  })

  it('that somebody changed on the disk does not stop what is still to come', async () => {
    await rig.see([0, 60, 118])
    await rig.apply(ruleAt(2, { rule: 'parking', each: 'object' }), parked(10))
    await untilSettled(second(65))
    for (const { id } of (await rig.alert()).evidence) await writeFile(join(rig.at.folder, 'evidence', id.slice(0, 2), id), 'forged')
    await rig.apply(...left(11, 120))
    await untilSettled(second(150))
    expect(await kinds()).toContain('last')
    expect(rig.failures).toEqual([])
    expect((await rig.manifest()).files.map(({ shows, kind }) => shows ?? kind).sort()).toEqual(['confirmed', 'first', 'last', 'readings', 'scenes'])
  })

  it('that was asked for anew while it was being gathered is gathered anew', async () => {
    await rig.see([0, 60, 118])
    await rig.apply(ruleAt(2, { rule: 'parking', each: 'object' }), parked(10))
    let ended = false
    const looks: ReturnType<typeof rig.deps>['looks'] = async (...query) => {
      if (!ended) await rig.apply(...left(11, 120))
      ended = true
      return rig.deps().looks(...query)
    }
    await untilSettled(second(150), { looks })
    expect(await kinds()).toEqual(['confirmed', 'first', 'last', 'manifest', 'readings', 'scenes'])
  })

  it('finds its alerts again when the book was lost: the manifests know them', async () => {
    await rig.see([0, 60])
    await rig.apply(parked(10), transitionOf(11, { alert: 'a-2' as AlertId }))
    await untilSettled(second(65))
    const before = [await rig.alert('a-1'), await rig.alert('a-2')].map(({ evidence }) => evidence.map(({ id }) => id).sort())
    // Somebody else's manifest proves nothing here.
    await rig.files.put(new TextEncoder().encode(JSON.stringify({ ...(await rig.manifest()), signedAt: '2027-01-01T00:00:00.000Z' })), 'json')
    await rig.at.book.transaction(async (tables) => {
      for (const alert of ['a-1', 'a-2']) for (const { id } of await tables.evidence.of(alert)) await tables.evidence.detach(alert, id)
    })
    expect(await relink(rig.deps())).toBe(2)
    expect([await rig.alert('a-1'), await rig.alert('a-2')].map(({ evidence }) => evidence.map(({ id }) => id).sort())).toEqual(before)
    expect(await relink(rig.deps())).toBe(0)
  })

  it('is attached by itself after a raise, and only those who see the alert may read it', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly Change[]>()
    const room = openEvidence(rig.deps({ changed: resolve }))
    await rig.apply(transitionOf(10), transitionOf(10, { n: 1, alert: 'a-2' as AlertId, shadow: true }))
    room.kick()
    await promise
    await room.close()
    const piece = (await rig.alert()).evidence.find(({ kind }) => kind === 'readings')
    expect(await room.get(piece?.id ?? '', { ...DISPATCHER, area: '120116' })).toMatchObject({ type: 'application/json', sha256: piece?.sha256 })
    expect(await room.stats()).toEqual({ waiting: 0, failing: 0, attached: { readings: 1, manifest: 1 }, failures: 0, missing: 0 })
    await expect(room.get(piece?.id ?? '', { ...DISPATCHER, area: '120117' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(room.export('a-1', { original: true }, { ...DISPATCHER, area: '120117' })).rejects.toMatchObject({ code: 'not_found' })
    const { id: loose } = await rig.files.put(new Uint8Array([1]), 'jpg')
    await expect(room.get(loose, DISPATCHER)).rejects.toMatchObject({ code: 'not_found' })
    await expect(room.get('../book.db', DISPATCHER)).rejects.toMatchObject({ code: 'not_found' })
    expect(await readdir(join(rig.at.folder, 'evidence', 'partial'))).toEqual([])
  })
})
