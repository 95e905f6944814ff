import { join } from 'node:path'
import type { AlertDetail, Transition } from '../../domain/alert.ts'
import type { AssetId, DeviceId, GatewayId, Offset, RuleId } from '../../domain/ids.ts'
import type { Observation, SceneObject } from '../../domain/observation.ts'
import type { Clips } from '../../domain/ports/clips.ts'
import type { Files } from '../../domain/ports/files.ts'
import type { StillSequence, Stills, StillWriter } from '../../domain/ports/stills.ts'
import type { Change, Projected } from '../../domain/projection.ts'
import type { RuleFile } from '../../domain/rule.ts'
import { RuleFileSchema } from '../../domain/rule.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import { DISPATCHER, NINE, recordOf, transitionOf } from '../../fixtures/records.ts'
import type { Places } from '../../store/book/places.ts'
import { createProjector, type Projector } from '../../store/book/projector.ts'
import { registerApplier } from '../../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../../store/book/temporary-book.ts'
import { openEvidenceKey } from '../../store/evidence-key.ts'
import { openFiles } from '../../store/files.ts'
import { openStills } from '../../store/stills.ts'
import { createAlerts } from '../alerts.ts'
import { alertsApplier } from '../applier.ts'
import type { EvidenceDeps } from './deps.ts'
import type { Look } from './look.ts'
import { type Manifest, readManifest } from './manifest.ts'

/** A room of evidence on the real disk: book, files, stills and key are real; the clips are what a test says. */
export interface EvidenceRig {
  at: TemporaryBook
  files: Files
  stills: Stills & StillWriter & StillSequence
  projector: Projector
  looks: Look[]
  clips: Clips
  changed: Change[]
  failures: unknown[]
  deps(given?: Partial<EvidenceDeps>): EvidenceDeps
  /** Pictures of the camera, and looks with these objects, at these seconds after nine. */
  see(seconds: readonly number[], objects?: readonly SceneObject[]): Promise<void>
  apply(...entries: Projected[]): Promise<void>
  alert(id?: string): Promise<AlertDetail>
  manifest(id?: string): Promise<Manifest>
  /** As after a restart, without its book when that was lost. */
  reopen(): Promise<void>
  remove(): Promise<void>
}

export const CAMERA = 'cam-1'
export const second = (count: number): Instant => NINE + count * SECOND
export const car: SceneObject = { label: 'car', score: 0.8, box: [0.4, 0.6, 0.2, 0.2], track: 't1' }

const places: Pick<Places, 'at' | 'located'> = {
  at: () => ({ area: '120116001002', grid: '120116001002003' }),
  located: (asset) => asset,
}
export const OBSERVED: Observation = {
  ...{ type: 'observation', offset: 1, receivedAt: NINE + 10, kind: 'cover', device: 'cover-0001' as DeviceId, gateway: 'gw1' as GatewayId },
  ...{ at: NINE, payload: { at: NINE, tiltDeg: 32.5 } },
}

export async function evidenceRig(at?: TemporaryBook): Promise<EvidenceRig> {
  return rigOn(at ?? (await temporaryBook()))
}

async function rigOn(at: TemporaryBook): Promise<EvidenceRig> {
  let offset = 100
  const rig: EvidenceRig = {
    at,
    files: await openFiles(join(at.folder, 'evidence')),
    stills: await openStills({ folder: join(at.folder, 'stills') }),
    projector: await projectorOf(at),
    ...{ looks: [], changed: [], failures: [] },
    clips: { cut: async () => ({ none: 'no clip: this test has none', final: true }) },
    deps: (given = {}) => ({
      ...{ book: at.book, files: rig.files, stills: rig.stills, clips: rig.clips, commit: rig.projector.commit, now: () => NINE },
      signer: openEvidenceKey(join(at.folder, 'evidence-key.pem')),
      tools: { work: join(at.folder, 'evidence', 'partial') },
      observations: async (offsets) => [OBSERVED].filter((each) => offsets.includes(each.offset)),
      looks: async (_, from, to) => rig.looks.filter((look) => look.at >= from && look.at <= to),
      clockOf: async () => ({ skewMs: 120, state: 'ok' }),
      modelSha256: async (model) => (model.startsWith('yolox') ? 'ab'.repeat(32) : undefined),
      changed: (changes) => rig.changed.push(...changes),
      failed: (error) => rig.failures.push(error),
      ...given,
    }),
    async see(seconds, objects = [car]) {
      for (const each of seconds) {
        await rig.stills.put(CAMERA, second(each), new TextEncoder().encode(`picture at ${each}`))
        rig.looks.push({ at: second(each), receivedAt: second(each) + 200, offset: ++offset as Offset, model: 'yolox@1', objects })
      }
      rig.looks.sort((a, b) => a.at - b.at)
    },
    apply: async (...entries) => void (await rig.projector.apply({ through: entries.at(-1)?.offset ?? 0, entries })),
    alert: (id = 'a-1') => createAlerts({ book: at.book, journal: { append: () => Promise.reject(new Error('unused')) }, reached: rig.projector.reached }).get(id, DISPATCHER),
    async manifest(id = 'a-1') {
      const row = (await rig.alert(id)).evidence.find(({ kind }) => kind === 'manifest')
      const manifest = row && readManifest((await rig.files.get(row.id as never)) ?? new Uint8Array())
      if (!manifest) throw new Error(`${id} has no manifest`)
      return manifest
    },
    async reopen() {
      await at.reopen()
      rig.files = await openFiles(join(at.folder, 'evidence'))
      rig.projector = await projectorOf(at)
    },
    remove: () => at.remove(),
  }
  return rig
}

function projectorOf({ book }: TemporaryBook): Promise<Projector> {
  const parse = (source: string): RuleFile => RuleFileSchema.parse(JSON.parse(source))
  return createProjector(book, [registerApplier(places as Places, parse), alertsApplier(places)], async () => undefined)
}

/** A rule as the book has it before its alerts come. */
export function ruleAt(offset: Offset, file: { rule: string } & Record<string, unknown>) {
  const whole = { title: { zh: '违停', en: 'Parked' }, on: 'scene', severity: 'minor', when: 'still()', ...file }
  return recordOf(offset, { type: 'rule', by: 'lin', id: file.rule, version: 1, state: 'live', source: JSON.stringify(whole), note: '' })
}

export function cameraAt(offset: Offset, config: object) {
  return recordOf(offset, { type: 'camera', by: 'lin', id: CAMERA, version: 1, config })
}

/** A car that stands from nine on, raised a minute later. */
export function parked(offset: Offset, given: Partial<Transition> = {}) {
  return transitionOf(offset, {
    ...{ rule: 'parking' as RuleId, key: `${CAMERA}/kerb/t1`, asset: CAMERA as AssetId, devices: [CAMERA as DeviceId], model: 'yolox@1', at: second(60), raisedAt: second(61) },
    ...given,
  })
}

/** The same alert at its end: not seen from `overS` on, over half a minute later. */
export function left(offset: Offset, overS: number) {
  const over = { raisedAt: second(61), at: second(overS) }
  return [
    parked(offset, { ...over, what: 'recovering', condition: 'recovering' }),
    parked(offset + 1, { ...over, what: 'resolved', condition: 'resolved', at: second(overS + 30), resolvedAt: second(overS + 30) }),
  ]
}
