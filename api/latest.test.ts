import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AssetEvent, LatestValues } from './latest.ts'

function change(id: string, at: number, values: Record<string, unknown>, lon: number | null = 1, area: string | null = '310104'): AssetEvent {
  return { event: 'asset', area, data: { id, kind: 'vehicle', observed: 'vehicle', lon, lat: lon, at, values } }
}
function latest(...events: AssetEvent[]): AssetEvent[] {
  const values = new LatestValues()
  for (const event of events) values.put(event)
  return values.drain(100)
}

describe('LatestValues', () => {
  it.each<[string, AssetEvent[], AssetEvent[]]>([
    ['the newer value wins', [change('a', 1, { v: 1 }), change('a', 2, { v: 2 })], [change('a', 2, { v: 2 })]],
    ['late news does not undo newer news', [change('a', 2, { v: 2 }), change('a', 1, { v: 1 })], [change('a', 2, { v: 2 })]],
    ['a field that the newer one does not name stays', [change('a', 1, { v: 1, w: 1 }), change('a', 2, { v: 2 })], [change('a', 2, { v: 2, w: 1 })]],
    ['late news fills in what is missing', [change('a', 2, { v: 2 }), change('a', 1, { v: 1, w: 1 })], [change('a', 2, { v: 2, w: 1 })]],
    ['a place stays when the newer one has none', [change('a', 1, {}, 5), change('a', 2, {}, null, null)], [change('a', 2, {}, 5)]],
    ['the newer place wins, with its area', [change('a', 1, {}, 5), change('a', 2, {}, 6, '310115')], [change('a', 2, {}, 6, '310115')]],
    ['assets do not mix', [change('a', 1, { v: 1 }), change('b', 1, { v: 2 })], [change('a', 1, { v: 1 }), change('b', 1, { v: 2 })]],
  ])('%s', (_, events, expected) => expect(latest(...events)).toEqual(expected))

  it('gives back the very event when it says everything, so that its text is shared', () => {
    const newest = change('a', 2, { v: 2 })
    expect(latest(change('a', 1, { v: 1 }), newest)[0]).toBe(newest)
  })

  it('holds one event for each asset, and none after a drain', () => {
    const values = new LatestValues()
    for (let n = 0; n < 1000; n++) values.put(change(`a${n % 10}`, n, { n }))
    expect(values.size).toBe(10)
    expect(values.drain(100).map((event) => event.data.values.n)).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999])
    expect([values.size, values.drain(100)]).toEqual([0, []])
  })

  it('lets those go first that have waited longest, with what is newest by then', () => {
    const values = new LatestValues()
    for (const event of [change('a', 1, { v: 1 }), change('b', 1, { v: 1 }), change('a', 2, { v: 2 })]) values.put(event)
    expect(values.drain(1)).toEqual([change('a', 2, { v: 2 })])
    values.put(change('a', 3, { v: 3 }))
    expect(values.drain(2)).toEqual([change('b', 1, { v: 1 }), change('a', 3, { v: 3 })])
  })

  it('does not depend on where the stream was cut into ticks', () => {
    const event = fc.record({ id: fc.constantFrom('a', 'b'), at: fc.nat(5), field: fc.constantFrom('v', 'w'), value: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.nat(12), (events, cut) => {
        const all = events.map(({ id, at, field, value }) => change(id, at, { [field]: value }))
        const parts = [...latest(...all.slice(0, cut)), ...latest(...all.slice(cut))]
        const byId = (list: AssetEvent[]): AssetEvent[] => list.sort((a, b) => a.data.id.localeCompare(b.data.id))
        expect(byId(latest(...parts)).map((one) => one.data.at)).toEqual(byId(latest(...all)).map((one) => one.data.at))
      }),
    )
  })
})
