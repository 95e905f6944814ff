import { describe, expect, it } from 'vitest'
import type { Box, SceneObject } from '../../domain/observation.ts'
import { hiddenAt, maskOf, sortOf } from './hidden.ts'
import type { Look } from './look.ts'
import { second } from './room.fixture.ts'

const KEY = 'cam-1/kerb/t1'
const thing = (label: string, box: Box, track = label): SceneObject => ({ label, score: 0.2, box: [...box], track })
const look = (at: number, ...objects: SceneObject[]): Look => ({ at: second(at), receivedAt: second(at), offset: at, model: 'm@1', objects })
const subject = thing('car', [0.4, 0.4, 0.2, 0.2], 't1')

/** Whether the middle of a box is hidden. */
function isHidden([x, y, w, h]: Box, looks: readonly Look[], at: number): boolean {
  const { cells, width, height } = maskOf(hiddenAt(looks, second(at), KEY))
  return cells[Math.floor((y + h / 2) * height) * width + Math.floor((x + w / 2) * width)] === 255
}

describe('what a copy to hand out hides', () => {
  it.each<[string, Box, boolean, SceneObject[]]>([
    ['a person', [0.1, 0.1, 0.1, 0.2], true, [thing('person', [0.1, 0.1, 0.1, 0.2])]],
    ['a vehicle beside it, whole', [0.7, 0.5, 0.2, 0.3], true, [thing('bus', [0.7, 0.5, 0.2, 0.3])]],
    ['not the vehicle that the alert is about', [0.4, 0.4, 0.2, 0.2], false, [subject]],
    ['nor the same one under another label or a box behind it', [0.4, 0.4, 0.2, 0.2], false, [subject, thing('truck', [0.35, 0.35, 0.3, 0.3], 't2')]],
    ['but who stands before it', [0.45, 0.45, 0.05, 0.1], true, [subject, thing('person', [0.45, 0.45, 0.05, 0.1])]],
    ['nothing where a spillage lies', [0.1, 0.8, 0.2, 0.1], false, [thing('spillage', [0.1, 0.8, 0.2, 0.1])]],
  ])('%s', (_, where, hidden, objects) => {
    expect(isHidden(where, [look(0, ...objects)], 0)).toBe(hidden)
  })

  it('somebody who walks is hidden all the way from one look to the next', () => {
    const looks = [look(0, thing('person', [0, 0.4, 0.1, 0.3])), look(2, thing('person', [0.8, 0.4, 0.1, 0.3]))]
    expect([0, 0.4, 0.8].map((x) => isHidden([x, 0.4, 0.1, 0.3], looks, 1))).toEqual([true, true, true])
    expect(isHidden([0.4, 0.1, 0.1, 0.1], looks, 1)).toBe(false)
  })

  it.each([
    ['before the first look', -1],
    ['after the last', 9],
    ['between two that are far apart', 4],
  ])('everything %s', (_, at) => {
    expect(hiddenAt([look(0, subject), look(8, subject)], second(at), KEY).all).toBe(true)
  })

  it('boxes that reach out of the picture are hidden up to its edge', () => {
    expect(() => isHidden([0, 0, 0.1, 0.1], [look(0, thing('person', [-0.5, -0.5, 2, 2]))], 0)).not.toThrow()
    expect(isHidden([0.9, 0.9, 0.1, 0.1], [look(0, thing('person', [-0.5, -0.5, 2, 2]))], 0)).toBe(true)
  })

  it.each([
    ['person', 'person'],
    ['two-wheeler', 'person'],
    ['行人', 'person'],
    ['muck-truck-loaded-open', 'vehicle'],
    ['渣土车', 'vehicle'],
    ['license_plate', 'vehicle'],
    ['cover-open', 'other'],
    ['manhole', 'other'],
    ['spillage', 'other'],
  ])('%s is a %s', (label, sort) => {
    expect(sortOf(label)).toBe(sort)
  })
})
