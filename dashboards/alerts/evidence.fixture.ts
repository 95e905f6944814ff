import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Alert, Evidence } from '../../domain/alert.ts'
import { findFfmpeg } from '../../drivers/ffmpeg.ts'
import { alertWith } from './alert.fixture.ts'

/** An alert about a car with real files to prove it: a still, a clip of 4 s, what was seen in them, and the manifest. */
export interface EvidenceCity {
  alert: Alert
  /** By path, with their types. */
  files: Map<string, { type: string; bytes: Uint8Array }>
}

const START = Date.parse('2026-11-21T01:00:00.000Z')
const time = (second: number): string => new Date(START + second * 1000).toISOString()
const KERB = {
  id: 'kerb',
  type: 'no-parking',
  polygon: [
    [0.1, 0.5],
    [0.9, 0.5],
    [0.9, 0.95],
    [0.1, 0.95],
  ],
}
const ID = (digit: string, extension: string): string => `${digit.repeat(48)}.${extension}`

/** What was seen in second `n`: the car of the alert, further right each time, and somebody who walks by. */
function lookAt(second: number): object {
  const car = { label: 'car', score: 0.87, box: [0.2 + second * 0.1, 0.55, 0.2, 0.25], track: 't1', zones: ['kerb'], plate: '鲁F12345' }
  const person = { label: 'person', score: 0.31, box: [0.75, 0.4, 0.06, 0.3], track: 't2', zones: [] }
  return { at: START + second * 1000, receivedAt: START + second * 1000, offset: second + 1, model: 'yolox@1', objects: [car, person] }
}

export async function evidenceCity(picture?: string): Promise<EvidenceCity> {
  const folder = await mkdtemp(join(tmpdir(), 'wanglou-evidence-page-'))
  try {
    const [still, clip] = [join(folder, 'still.jpg'), join(folder, 'clip.mp4')]
    const { path } = await findFfmpeg()
    const input = picture === undefined ? ['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=10:d=4'] : ['-loop', '1', '-t', '4', '-i', picture]
    const run = promisify(execFile)
    await run(path, [...input, '-frames:v', '1', '-y', still])
    await run(path, [...input, '-r', '10', '-vf', 'scale=640:-2', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', '-y', clip])
    const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
    const piece = (id: string, kind: Evidence['kind'], more: Partial<Evidence> = {}): Evidence => ({
      id,
      kind,
      url: `/api/v1/evidence/${id}`,
      sha256: id.slice(0, 48),
      at: time(0),
      ...more,
    })
    const evidence = [
      piece(ID('a', 'jpg'), 'still', { shows: 'first' }),
      piece(ID('b', 'mp4'), 'clip'),
      piece(ID('c', 'json'), 'scenes'),
      piece(ID('d', 'json'), 'manifest'),
      piece(ID('e', 'json'), 'readings', { deletedAt: time(9) }),
    ]
    const bytes = [
      await readFile(still),
      await readFile(clip),
      json({ camera: 'cam-1', looks: [0, 1, 2, 3].map(lookAt) }),
      json({ camera: { id: 'cam-1', version: 1, zones: [KERB] } }),
    ]
    const types = ['image/jpeg', 'video/mp4', 'application/json', 'application/json']
    return {
      alert: alertWith({
        id: 'a1',
        rule: 'vehicle-no-parking',
        key: 'cam-1/kerb/t1',
        asset: 'cam-1',
        devices: ['cam-1'],
        title: { zh: '机动车违停', en: 'Vehicle in a no-parking zone' },
        raisedAt: '2026-11-21T01:01:00.000Z',
        evidence,
      }),
      files: new Map(bytes.map((each, index) => [`/evidence/${evidence[index]?.id}`, { type: types[index] ?? '', bytes: each }])),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
