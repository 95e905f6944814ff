import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SceneObject } from '../../domain/observation.ts'
import { MINUTE } from '../../domain/time.ts'
import { findFfmpeg } from '../../drivers/ffmpeg.ts'
import { DISPATCHER } from '../../fixtures/records.ts'
import { type EvidenceRoom, openEvidence } from '../evidence.ts'
import { attachDue } from './attach.ts'
import { looksIn } from './held.ts'
import { CAMERA, type EvidenceRig, evidenceRig, parked, ruleAt, second } from './room.fixture.ts'

const VIEWER = { ...DISPATCHER, name: 'onlooker', role: 'viewer' as const }
const OPERATOR = { ...DISPATCHER, role: 'operator' as const }
const person: SceneObject = { label: 'person', score: 0.9, box: [0.2, 0.2, 0.3, 0.6] }
const subject: SceneObject = { label: 'car', score: 0.8, box: [0.4, 0.6, 0.2, 0.2], track: 't1', plate: '沪A11111' }
const other: SceneObject = { label: 'car', score: 0.8, box: [0.7, 0.6, 0.2, 0.2], track: 't2', plate: '沪B22222' }

let picture: Uint8Array
let rig: EvidenceRig
let room: EvidenceRoom

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wanglou-shown-'))
  const path = join(folder, 'street.jpg')
  await promisify(execFile)((await findFfmpeg()).path, ['-f', 'lavfi', '-i', 'testsrc2=s=320x180', '-frames:v', '1', '-y', path])
  picture = await readFile(path)
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  rig = await evidenceRig()
  room = openEvidence(rig.deps())
})
afterEach(async () => {
  await room.close()
  await rig.remove()
})

const isOriginal = (bytes: Uint8Array | undefined): boolean => Buffer.from(bytes ?? []).equals(picture)

async function see(at: number, ...objects: SceneObject[]): Promise<void> {
  await rig.see([at], objects)
  await rig.stills.put(CAMERA, second(at), picture)
}

describe('a camera’s picture', () => {
  const newest = { within: MINUTE }

  it('is the original for an operator, and a copy with people and vehicles in blocks for a viewer, whatever time is asked for', async () => {
    await see(0, person)
    await see(10, person)
    expect(isOriginal((await room.still(CAMERA, newest, OPERATOR))?.jpeg)).toBe(true)
    for (const query of [newest, { ...newest, at: second(1) }]) {
      const seen = await room.still(CAMERA, query, VIEWER)
      expect(seen?.at).toBe(query === newest ? second(10) : second(0))
      expect([isOriginal(seen?.jpeg), ...(seen?.jpeg.subarray(0, 2) ?? [])]).toEqual([false, 0xff, 0xd8])
    }
  })

  it('is in blocks altogether where nobody looked, for a viewer', async () => {
    await see(0, person)
    await see(10)
    const [some, none] = [await room.still(CAMERA, { ...newest, at: second(0) }, VIEWER), await room.still(CAMERA, newest, VIEWER)]
    rig.looks.splice(0)
    const all = await room.still(CAMERA, newest, VIEWER)
    // Blocks are less to write down than what they hide.
    expect(all?.jpeg.length).toBeLessThan((some?.jpeg.length ?? 0) / 1.5)
    expect(some?.jpeg.length).toBeLessThan(none?.jpeg.length ?? 0)
  })

  it('that is not there is nobody’s', async () => {
    for (const who of [OPERATOR, VIEWER]) expect(await room.still(CAMERA, newest, who)).toBeUndefined()
  })
})

describe('data of evidence', () => {
  it('bears the plates of other vehicles for an operator only', async () => {
    for (const at of [0, 60]) await see(at, subject, other)
    await rig.apply(ruleAt(2, { rule: 'parking', each: 'object' }), parked(10))
    await attachDue(rig.deps(), second(65))
    const scenes = (await rig.alert()).evidence.find(({ kind }) => kind === 'scenes')?.id ?? ''
    const platesFor = async (who: typeof DISPATCHER) => looksIn((await room.get(scenes, who)).bytes)[0]?.objects.map(({ plate }) => plate)
    expect(await platesFor(OPERATOR)).toEqual(['沪A11111', '沪B22222'])
    expect(await platesFor(VIEWER)).toEqual(['沪A11111', undefined])
    expect((await room.get(scenes, VIEWER)).sha256).toBeUndefined()
  })
})

it('a picture of evidence is blurred once for all who look at it', async () => {
  for (const at of [0, 60]) await see(at, subject, person)
  await rig.apply(ruleAt(2, { rule: 'parking', each: 'object' }), parked(10))
  await attachDue(rig.deps(), second(65))
  const still = (await rig.alert()).evidence.find(({ kind }) => kind === 'still')?.id ?? ''
  const seen = await Promise.all([room.get(still, VIEWER), room.get(still, { ...VIEWER, name: 'another' })])
  const later = await room.get(still, VIEWER)
  expect(isOriginal(seen[0].bytes)).toBe(false)
  expect([seen[1].bytes, later.bytes].map((bytes) => bytes === seen[0].bytes)).toEqual([true, true])
})
