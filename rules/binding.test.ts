import { describe, expect, it } from 'vitest'
import { brief, Hand } from './hand.fixture.ts'
import { ruleText } from './rule.fixture.ts'

const strip = (from: number, to: number): [number, number][] => [
  [from, 0],
  [to, 0],
  [to, 1],
  [from, 1],
]
const ZONES = [
  { id: 'east', type: 'no-parking', polygon: strip(0, 0.4) },
  { id: 'west', type: 'no-parking', polygon: strip(0.4, 0.8) },
  { id: 'yard', type: 'site', polygon: strip(0.8, 1) },
]
const PLACES = { east: [0.1, 0.4, 0.1, 0.1], west: [0.5, 0.4, 0.1, 0.1], yard: [0.85, 0.4, 0.1, 0.1] } as const
const PARKED = ruleText({ on: 'scene', when: 'score > 0.5', more: 'each: object\nobjects: { labels: [car], zone: no-parking }' })

class Street extends Hand {
  #version = 0

  bind(clock: number, zones: readonly string[]): string[] {
    const config = { zones: ZONES, algorithms: [{ rule: 'r', zones }] }
    return brief(this.feed(clock, { type: 'camera', by: 't', id: 'cam', version: ++this.#version, config }))
  }

  look(at: number, ...places: readonly (keyof typeof PLACES)[]): string[] {
    const objects = places.map((place) => ({ label: 'car', score: 0.8, box: PLACES[place], track: place }))
    return brief(this.observe('scene', 'cam', at, { objects }))
  }
}

function street(source: string, zones: readonly string[]): Street {
  const made = new Street()
  made.rule('r', source)
  made.bind(0, zones)
  return made
}

describe('a camera binds a rule to some of its zones', () => {
  it.each([
    ['none: all of the type', [], ['r cam/east/east', 'r cam/west/west']],
    ['one kerb of two', ['east'], ['r cam/east/east']],
    ['one that is of another type', ['yard'], ['r cam/yard/yard']],
  ] as const)('over objects; %s', (_what, zones, keys) => {
    expect(street(PARKED, zones).look(1, 'east', 'west', 'yard')).toEqual(keys.map((key) => `raised ${key}`))
  })

  it.each([
    ["objects('car', 'no-parking') == 2", [], true],
    ["objects('car', 'no-parking') == 1", ['east'], true],
    ["objects('car', 'west') == 1", ['east', 'west'], true],
    ["objects('car') == 3", [], true],
    ["objects('car') == 1", ['east'], true],
    ["objects('car', 'no-parking') == 1", ['yard'], true],
    ["objects('car', 'no-parking') == 1 && objects('car', 'site') == 1", ['east', 'yard'], true],
    ["objects('car', 'no-parking') > 1", ['west'], false],
  ] as const)('over the camera: %s in %s', (when, zones, raised) => {
    expect(street(ruleText({ on: 'scene', when }), zones).look(1, 'east', 'west', 'yard')).toEqual(raised ? ['raised r cam'] : [])
  })

  it('an edit of the binding ends what it no longer looks at, begins what it now does, and leaves the rest', () => {
    const made = street(PARKED, ['east'])
    expect(made.look(1, 'east', 'west')).toEqual(['raised r cam/east/east'])
    expect(made.bind(2, ['east', 'west'])).toEqual(['edited r cam/east/east', 'raised r cam/west/west'])
    expect(made.bind(3, ['west'])).toEqual(['resolved r cam/east/east', 'edited r cam/west/west'])
    expect(made.bind(4, ['west'])).toEqual([])
    expect(made.look(5, 'east', 'west')).toEqual([])
    made.restart()
    expect(made.look(6, 'east', 'west')).toEqual([])
  })
})
