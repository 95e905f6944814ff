import { describe, expect, it } from 'vitest'
import { PAYLOAD_SCHEMAS } from '../../domain/observation.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { Report } from '../outbox.ts'
import { FrigateScenes, frigatePresence } from './frigate.ts'

const CAMERAS = { front: { camera: 'cam-1', width: 1280, height: 720 }, yard: { camera: 'cam-2', width: 640, height: 480 } }
const NOW = 1_700_000_000_000

/** As Frigate documents its topic `frigate/events`. */
const event = (type: string, after: object = {}) => ({
  type,
  before: null,
  after: {
    ...{ id: '1607123955.475377-mxklsc', camera: 'front', frame_time: NOW / 1000, snapshot_time: null, label: 'car', sub_label: null, top_score: 0.9, false_positive: false },
    ...{ start_time: NOW / 1000 - 2, end_time: null, score: 0.79, box: [320, 180, 640, 720], area: 172_800, ratio: 0.6, region: [0, 0, 720, 720], current_zones: ['kerb'] },
    ...{ entered_zones: ['kerb'], thumbnail: null, has_snapshot: false, has_clip: false, stationary: true, motionless_count: 120, position_changes: 0, attributes: {} },
    ...{ recognized_license_plate: ['鲁FA1234', 0.93] },
    ...after,
  },
})
const objectsOf = (report: Report | string): unknown[] => (typeof report === 'string' ? [report] : (report.payload.objects as unknown[]))

describe("Frigate's events", () => {
  it('become scenes with label, score, box in fractions, track, zones and plate', () => {
    const report = new FrigateScenes(CAMERAS).event(event('new'), NOW)
    const object = { label: 'car', score: 0.79, box: [0.25, 0.25, 0.25, 0.75], track: '1607123955.475377-mxklsc', zones: ['kerb'], plate: '鲁FA1234' }
    expect(report).toEqual({ kind: 'scene', device: 'cam-1', payload: { at: '2023-11-14T22:13:20.000Z', camera: 'cam-1', model: 'frigate', objects: [object] } })
    expect(PAYLOAD_SCHEMAS.scene.safeParse(typeof report === 'string' ? {} : report.payload).success).toBe(true)
  })

  it('tell everything in sight of their camera, until it ends or was never true', () => {
    const scenes = new FrigateScenes(CAMERAS)
    const tracks = (report: Report | string) => objectsOf(report).map((object) => (object as { track: string }).track)
    expect(tracks(scenes.event(event('new'), NOW))).toHaveLength(1)
    expect(tracks(scenes.event(event('new', { id: 'b', score: 0.9, recognized_license_plate: null }), NOW))).toEqual(['b', '1607123955.475377-mxklsc'])
    expect(tracks(scenes.event(event('new', { id: 'c', camera: 'yard' }), NOW))).toEqual(['c'])
    expect(tracks(scenes.event(event('update', { id: 'b', false_positive: true }), NOW))).toEqual(['1607123955.475377-mxklsc'])
    expect(tracks(scenes.event(event('end'), NOW))).toEqual([])
  })

  it('keep their order, whatever the order of two objects', () => {
    const scenes = new FrigateScenes(CAMERAS)
    const at = (report: Report | string) => (typeof report === 'string' ? report : Date.parse(String(report.payload.at)) - NOW)
    expect([0, -40, -20, 500].map((ms, n) => at(scenes.event(event('new', { id: `${n}`, frame_time: (NOW + ms) / 1000 }), NOW)))).toEqual([0, 1, 2, 500])
  })

  it('tell a car that stands again and again, though Frigate does not, and not what Frigate lost', () => {
    const scenes = new FrigateScenes(CAMERAS)
    scenes.event(event('new'), NOW)
    expect(scenes.again(NOW + 9 * SECOND)).toEqual([])
    expect(scenes.again(NOW + 10 * SECOND).map(objectsOf)).toHaveLength(1)
    expect(scenes.again(NOW + 11 * SECOND)).toEqual([])
    expect(scenes.again(NOW + 31 * MINUTE).flatMap(objectsOf)).toEqual([])
    scenes.event(event('new'), NOW + 32 * MINUTE)
    scenes.gone()
    expect(scenes.again(NOW + 33 * MINUTE)).toEqual([])
  })

  it.each([
    ['no object', 'text', 'unreadable'],
    ['no box', event('new', { box: [1, 2] }), 'unreadable'],
    ['a score that is none', event('new', { score: 7 }), 'unreadable'],
    ['a camera that is not ours', event('new', { camera: 'attic' }), 'unknown_camera'],
  ])('pass over %s', (_, payload, why) => {
    expect(new FrigateScenes(CAMERAS).event(payload, NOW)).toBe(why)
  })

  it('cut a box off at the edges', () => {
    expect(objectsOf(new FrigateScenes(CAMERAS).event(event('new', { box: [-3, -2, 1283, 724] }), NOW))).toMatchObject([{ box: [0, 0, 1, 1] }])
  })
})

describe("Frigate's presence", () => {
  it.each([
    [
      'available',
      'online',
      [
        ['cam-1', 'online'],
        ['cam-2', 'online'],
      ],
    ],
    [
      'available',
      'stopped',
      [
        ['cam-1', 'offline'],
        ['cam-2', 'offline'],
      ],
    ],
    ['yard/status/detect', 'offline', [['cam-2', 'offline']]],
    ['attic/status/detect', 'offline', []],
    ['available', 'whatever', []],
  ])('%s %s', (path, word, expected) => {
    expect(frigatePresence(CAMERAS, path, word, NOW).map(({ device, payload }) => [device, payload.state])).toEqual(expected)
  })
})
