import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Drawing, draw, edgeNear, freeId, newDrawing, type Stroke } from './zoneDraw.ts'

const square = (id: string): Drawing['zones'][number] => ({
  id,
  type: 'no-parking',
  polygon: [
    [0.1, 0.1],
    [0.3, 0.1],
    [0.3, 0.3],
    [0.1, 0.3],
  ],
})
const apply = (drawing: Drawing, ...strokes: Stroke[]): Drawing => strokes.reduce(draw, drawing)
const start = newDrawing([square('a')])

describe('drawing on a still', () => {
  it('adds a corner on an edge, moves it, takes it away', () => {
    const added = apply(start, { do: 'addCorner', zone: 'a', after: 0, at: [0.2, 0.05] })
    expect(added.zones[0]?.polygon[1]).toEqual([0.2, 0.05])
    expect(added.corner).toBe(1)
    const moved = apply(added, { do: 'moveCorner', zone: 'a', corner: 1, to: [0.25, -3] })
    expect(moved.zones[0]?.polygon[1]).toEqual([0.25, 0])
    expect(apply(moved, { do: 'removeCorner', zone: 'a', corner: 1 }).zones).toEqual(start.zones)
  })

  it('never leaves a zone without an inside', () => {
    const three = apply(start, { do: 'removeCorner', zone: 'a', corner: 0 })
    expect(apply(three, { do: 'removeCorner', zone: 'a', corner: 0 })).toBe(three)
  })

  it('moves a whole zone and keeps its shape at the edge of the picture', () => {
    const { zones } = apply(start, { do: 'moveZone', zone: 'a', by: [-0.5, 0.9] })
    expect(zones[0]?.polygon).toEqual([
      [0, 0.8],
      [0.2, 0.8],
      [0.2, 1],
      [0, 1],
    ])
  })

  it('takes a drag back in one step, and a press that moved nothing is none', () => {
    const dragged = apply(
      start,
      { do: 'grab' },
      { do: 'moveCorner', zone: 'a', corner: 0, to: [0.2, 0.2] },
      { do: 'moveCorner', zone: 'a', corner: 0, to: [0.22, 0.2] },
      { do: 'release' },
    )
    expect(apply(dragged, { do: 'undo' }).zones).toEqual(start.zones)
    expect(apply(start, { do: 'grab' }, { do: 'release' }).past).toEqual([])
  })

  it('says which asset a zone shows and how many looks make a stay, and nothing where there is nothing to say', () => {
    const told = apply(start, { do: 'describe', zone: 'a', asset: 'c-1', inertia: 3 })
    expect(told.zones[0]).toEqual({ ...square('a'), asset: 'c-1', inertia: 3 })
    expect(apply(told, { do: 'describe', zone: 'a', asset: undefined, inertia: 1 }).zones).toEqual(start.zones)
  })

  it('gives a new zone a free name', () => {
    expect(freeId([{ id: 'zone-1' }, { id: 'zone-3' }])).toBe('zone-2')
  })

  it('goes all the way back and all the way forth, whatever was done', () => {
    const corner = fc.tuple(fc.double({ min: -1, max: 2, noNaN: true }), fc.double({ min: -1, max: 2, noNaN: true }))
    const stroke: fc.Arbitrary<Stroke> = fc.oneof(
      corner.map((to): Stroke => ({ do: 'moveCorner', zone: 'a', corner: 2, to })),
      corner.map((at): Stroke => ({ do: 'addCorner', zone: 'a', after: 1, at })),
      corner.map((by): Stroke => ({ do: 'moveZone', zone: 'a', by })),
      fc.constant<Stroke>({ do: 'addZone', id: 'b', type: 'x' }),
      fc.constant<Stroke>({ do: 'removeZone', zone: 'b' }),
      fc.constant<Stroke>({ do: 'retype', zone: 'a', type: 'bus-lane' }),
    )
    fc.assert(
      fc.property(fc.array(stroke, { maxLength: 12 }), (strokes) => {
        const drawn = apply(start, ...strokes)
        const back = apply(drawn, ...drawn.past.map((): Stroke => ({ do: 'undo' })))
        expect(back.zones).toEqual(start.zones)
        expect(apply(back, ...back.future.map((): Stroke => ({ do: 'redo' }))).zones).toEqual(drawn.zones)
      }),
    )
  })
})

it('knows the edge under the pointer', () => {
  const polygon = square('a').polygon
  expect(edgeNear(polygon, [0.2, 0.09])).toBe(0)
  expect(edgeNear(polygon, [0.11, 0.2])).toBe(3)
})
