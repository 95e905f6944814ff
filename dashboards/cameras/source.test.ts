import { expect, it } from 'vitest'
import type { CameraSource } from '../../domain/camera.ts'
import { isBare, type SourceSort, sortOf, sourceAs } from './source.ts'

const FILE: CameraSource = { type: 'file', path: 'a.mp4', loop: false, realtime: false }

it.each<[SourceSort, CameraSource | null, CameraSource | null]>([
  ['none', FILE, null],
  ['rtsp', null, { type: 'rtsp', url: '' }],
  ['rtsp', { type: 'http', url: 'http://10.0.0.7/live' }, { type: 'rtsp', url: 'rtsp://10.0.0.7/live' }],
  ['http', { type: 'rtsp', url: 'rtsps://10.0.0.7/live' }, { type: 'http', url: 'http://10.0.0.7/live' }],
  ['gateway', { type: 'rtsp', url: 'rtsp://10.0.0.7/live' }, { type: 'gateway', gateway: null }],
  ['gateway', { type: 'gateway', gateway: 'gw-west' }, { type: 'gateway', gateway: 'gw-west' }],
  ['file', null, { type: 'file', path: '', loop: true, realtime: true }],
])('a source becomes %s', (sort, before, after) => {
  const made = sourceAs(sort, before)
  expect([made, sortOf(made)]).toEqual([after, sort])
})

it.each<[CameraSource | null, boolean]>([
  [null, false],
  [FILE, false],
  [{ ...FILE, path: ' ' }, true],
  [{ type: 'http', url: '' }, true],
  [{ type: 'gateway', gateway: null }, false],
])('%j lacks its address: %s', (source, bare) => {
  expect(isBare(source)).toBe(bare)
})
