import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { HOUR } from '../../domain/time.ts'
import { FLOW_RULES, flowOf, functionText, type Zones } from './flow.ts'

const AT = Date.parse('2026-11-21T01:45:00Z')
const square = (lon: number, lat: number): [number, number][] => [
  [lon, lat],
  [lon + 0.01, lat],
  [lon + 0.01, lat + 0.01],
  [lon, lat + 0.01],
]
const zones: Zones = { banned: [square(121, 37)], depot: [square(122, 37)], site: [square(123, 37)] }

type Sent = { payload: { rule: string; asset: string; openedAt: number } }[][] | null
type Message = { topic?: string; payload?: object }

/** A function node of its own, called as Node-RED calls it. */
function nodeOf(rule: string): (message: Message) => number[] {
  const kept = new Map<string, unknown>()
  const context = { get: (key: string) => kept.get(key), set: (key: string, value: unknown) => void kept.set(key, value) }
  const run = new Function('msg', 'context', functionText(rule, zones)) as (msg: Message, context: object) => Sent
  return (message) => (run(message, context) ?? []).flat().map(({ payload }) => (payload.openedAt - AT) / 1000)
}
const says = (kind: string, second: number, payload: object): Message => ({ topic: `city/v1/from/gw1/observation/${kind}/a-1`, payload: { at: AT + second * 1000, ...payload } })

const car = (score: number, zone = 'no-parking'): object => ({ objects: [{ label: 'car', score, box: [0, 0, 1, 1], track: 't1', zones: [zone] }] })
const inBan = { lon: 121.005, lat: 37.005 }
const onStreet = { lon: 121.5, lat: 37.5 }
/** Messages by second, and at which seconds the alerts opened that came out. */
const ROWS: [string, string, [number, object][], number[]][] = [
  [
    'cover-displaced',
    'fires once, and again after it was put back',
    [
      [0, { tiltDeg: 3 }],
      [1, { tiltDeg: 20 }],
      [2, { tiltDeg: 25 }],
      [3, { tiltDeg: 2, displaced: false }],
      [4, { displaced: true }],
    ],
    [1, 4],
  ],
  [
    'cover-displaced',
    'a heartbeat changes nothing',
    [
      [0, { tiltDeg: 20 }],
      [1, { batteryPct: 80 }],
      [2, { tiltDeg: 30 }],
    ],
    [0],
  ],
  [
    'cover-water-high',
    'fires at the limit, not within the hysteresis',
    [
      [0, { waterMm: 799 }],
      [1, { waterMm: 800 }],
      [2, { waterMm: 760 }],
      [3, { waterMm: 900 }],
      [4, { waterMm: 100 }],
      [5, { waterMm: 900 }],
    ],
    [1, 5],
  ],
  [
    'cover-battery-low',
    'fires below',
    [
      [0, { batteryPct: 20 }],
      [1, { batteryPct: 19 }],
    ],
    [1],
  ],
  [
    'truck-banned-zone',
    'fires inside',
    [
      [0, onStreet],
      [1, inBan],
      [2, inBan],
    ],
    [1],
  ],
  [
    'truck-open-lid',
    'fires after the hold',
    [
      [0, { load: 'full', lid: 'open', speedKmh: 30 }],
      [9, { speedKmh: 30 }],
      [10, { speedKmh: 30 }],
    ],
    [0],
  ],
  [
    'truck-open-lid',
    'is silent for an empty truck',
    [
      [0, { load: 'empty', lid: 'open', speedKmh: 30 }],
      [20, { speedKmh: 30 }],
    ],
    [],
  ],
  [
    'truck-speeding',
    'starts again when it was slow in between',
    [
      [0, { speedKmh: 70 }],
      [5, { speedKmh: 50 }],
      [6, { speedKmh: 70 }],
      [16, { speedKmh: 70 }],
    ],
    [6],
  ],
  [
    'truck-staying',
    'fires after the stay, not in a depot',
    [
      [0, onStreet],
      [899, onStreet],
      [900, onStreet],
    ],
    [0],
  ],
  [
    'truck-staying',
    'starts again when it moved',
    [
      [0, onStreet],
      [600, { lon: 121.51, lat: 37.5 }],
      [1400, { lon: 121.51, lat: 37.5 }],
    ],
    [],
  ],
  [
    'truck-staying',
    'is silent in a depot',
    [
      [0, { lon: 122.005, lat: 37.005 }],
      [2000, { lon: 122.005, lat: 37.005 }],
    ],
    [],
  ],
  [
    'vehicle-no-parking',
    'fires when a track has stood',
    [
      [0, car(0.6)],
      [299, car(0.6)],
      [300, car(0.6)],
      [301, car(0.6)],
    ],
    [0],
  ],
  [
    'vehicle-no-parking',
    'is silent elsewhere',
    [
      [0, car(0.6, 'lane')],
      [390, car(0.6, 'lane')],
    ],
    [],
  ],
]

describe('the flow', () => {
  it('has rules of the book only', () => {
    const book = readdirSync(join(import.meta.dirname, '../../rules/book')).filter(
      (name) => name.endsWith('.yaml') && !name.endsWith('.scenario.yaml') && name !== 'calendars.yaml',
    )
    expect(FLOW_RULES.filter((rule) => !book.includes(`${rule}.yaml`))).toEqual([])
  })

  it('is wired: every wire ends at a node, every function is fed and heard', () => {
    const nodes = flowOf({ mqttPort: 1, zones }) as { id: string; type: string; wires?: string[][] }[]
    const ids = nodes.map(({ id }) => id)
    const targets = nodes.flatMap(({ wires }) => wires?.flat() ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    expect(targets.filter((id) => !ids.includes(id))).toEqual([])
    expect([...FLOW_RULES, 'out'].filter((id) => !targets.includes(id))).toEqual([])
  })

  it.each(ROWS)('%s %s', (rule, _, messages, expected) => {
    const node = nodeOf(rule)
    const kind = rule.startsWith('cover') ? 'cover' : rule.startsWith('truck') ? 'vehicle' : 'scene'
    expect(messages.flatMap(([second, payload]) => node(says(kind, second, payload)))).toEqual(expected)
  })

  it('cover-silent fires when the clock says so, once', () => {
    vi.useFakeTimers({ now: AT, toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const node = nodeOf('cover-silent')
    expect(node(says('cover', 0, {}))).toEqual([])
    vi.setSystemTime(AT + 48 * HOUR)
    expect(node({})).toEqual([])
    vi.setSystemTime(AT + 48 * HOUR + 1)
    expect([node({}).length, node({}).length]).toEqual([1, 0])
  })
})
