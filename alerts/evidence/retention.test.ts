import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertId } from '../../domain/ids.ts'
import type { AuditEntry } from '../../domain/ports/access.ts'
import { DAY, HOUR, type Instant } from '../../domain/time.ts'
import { DISPATCHER, recordOf } from '../../fixtures/records.ts'
import { openEvidence } from '../evidence.ts'
import { attachDue } from './attach.ts'
import { deleteAged, type RetentionDeps, sweep } from './retention.ts'
import { type EvidenceRig, evidenceRig, left, parked, ruleAt, second } from './room.fixture.ts'

let rig: EvidenceRig
let audit: AuditEntry[]
const deps = (): RetentionDeps => ({
  ...{ book: rig.at.book, files: rig.files, days: { unlinked: 30, linked: 365 }, commit: rig.projector.commit },
  ...{ audit: { append: (entry) => void audit.push(entry) }, changed: (changes) => void rig.changed.push(...changes) },
})
/** An alert that was over at `overS`, with all its evidence. */
beforeEach(async () => {
  rig = await evidenceRig()
  audit = []
  await rig.see([0, 60, 118])
  await rig.apply(ruleAt(2, { rule: 'parking', each: 'object' }), parked(10))
  await rig.apply(...left(11, 120))
  for (let now: Instant | undefined = second(200); now !== undefined; ) now = await attachDue(rig.deps({ now: () => second(300) }), now)
})
afterEach(() => rig.remove())

const live = async (): Promise<string[]> => (await rig.alert()).evidence.filter(({ deletedAt }) => deletedAt === undefined).map(({ kind }) => kind)
const RESOLVED = second(150)

describe('evidence whose time is over', () => {
  it('is deleted, named in the audit log with its hashes, and stays in the list and the manifest', async () => {
    expect(await deleteAged(deps(), RESOLVED + 30 * DAY - 1)).toBe(0)
    const before = (await rig.alert()).evidence
    expect(await deleteAged(deps(), RESOLVED + 30 * DAY + 1)).toBe(5)
    expect(await live()).toEqual(['manifest'])
    const after = await rig.alert()
    expect(after.evidence.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort())
    for (const { id, kind } of before) expect((await rig.files.get(id as never)) === undefined).toBe(kind !== 'manifest')
    expect(JSON.parse(audit[0]?.detail ?? '')).toEqual(expect.arrayContaining(before.filter(({ kind }) => kind !== 'manifest').map(({ kind, sha256 }) => ({ kind, sha256 }))))
    expect(after.timeline.at(-1)).toMatchObject({ what: 'evidence', note: expect.stringContaining('deleted after its time') })
    expect((await rig.manifest()).files).toHaveLength(5)
    const room = openEvidence(rig.deps())
    await expect(room.get(before.find(({ kind }) => kind === 'still')?.id ?? '', DISPATCHER)).rejects.toMatchObject({ code: 'evidence.deleted' })
    await room.close()
    expect(await deleteAged(deps(), RESOLVED + 60 * DAY)).toBe(0)
  })

  it('is never that of an alert that goes on', async () => {
    await rig.apply(parked(20, { alert: 'a-2' as AlertId, key: 'cam-1/kerb/t2' }))
    await rig.at.book.evidence.attach('a-2', { id: `${'0'.repeat(48)}.jpg`, kind: 'still', sha256: '0'.repeat(64), at: second(0), shows: 'first', bytes: 1 })
    await deleteAged(deps(), RESOLVED + 400 * DAY)
    expect((await rig.alert('a-2')).evidence.map(({ deletedAt }) => deletedAt)).toEqual([undefined])
  })

  it('of a case lives a year longer than the case', async () => {
    const linked = await rig.at.book.alerts.find('a-1')
    await rig.at.book.alerts.save({ ...(linked as NonNullable<typeof linked>), case: 'case-1' })
    const closed = recordOf(30, { type: 'tick' }).receivedAt + 100 * DAY
    const state = {
      id: 'case-1',
      type: 'incident',
      alert: 'a-1',
      matter: null,
      asset: null,
      department: null,
      level: 'grid',
      dueAt: null,
      from: null,
      to: null,
      desk: null,
      place: null,
      offset: 30,
    } as const
    await rig.at.book.cases.save({ ...state, state: 'handling', open: true })
    expect(await deleteAged(deps(), closed + 400 * DAY)).toBe(0)
    await rig.at.book.cases.save({ ...state, state: 'closed', open: false })
    await rig.at.book.cases.addMove('case-1', { offset: 31, at: closed, by: 'lin', from: 'handling', to: 'closed', note: '', photos: [] })
    expect(await deleteAged(deps(), closed + 365 * DAY - 1)).toBe(0)
    expect(await deleteAged(deps(), closed + 365 * DAY + 1)).toBe(5)
  })

  it('that nobody names is swept up, once it is old enough not to be in the making', async () => {
    const { id } = await rig.files.put(new Uint8Array([7]), 'jpg')
    expect(await sweep(deps(), Date.now())).toBe(0)
    const old = new Date(Date.now() - 2 * HOUR)
    for (const each of [id, ...(await rig.alert()).evidence.map((file) => file.id)]) await utimes(join(rig.at.folder, 'evidence', each.slice(0, 2), each), old, old)
    expect(await sweep(deps(), Date.now())).toBe(1)
    expect(await rig.files.get(id)).toBeUndefined()
    expect(await live()).toHaveLength(6)
  })
})
