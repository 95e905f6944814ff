import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../../app/metrics.ts'
import { MEASUREMENTS, type Measurement } from '../../store/influx-points.ts'

interface Target {
  query?: string
  expr?: string
  datasource: { uid: string }
}
interface Panel {
  id: number
  title: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets: Target[]
}
interface Board {
  uid: string
  title: string
  panels: Panel[]
  templating: { list: { name: string; current: { value: string } }[] }
}

const FOLDER = join(import.meta.dirname, 'boards')
const RULES = join(import.meta.dirname, '../../rules/book')
const names = readdirSync(FOLDER)
const boards = new Map(names.map((name) => [name, JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Board]))
const panels = [...boards].flatMap(([name, board]) => board.panels.map((panel) => ({ where: `${name}: ${panel.title}`, panel, board })))
const queries = panels.flatMap(({ where, panel, board }) => panel.targets.map((target) => ({ where, target, board })))
const yaml = <T>(...path: string[]): T => parse(readFileSync(join(...path), 'utf8')) as T

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '')

/** Names in a Flux query that are written nowhere. Columns that a query makes itself are its own affair. */
function unknownNames(query: string): string[] {
  const measurements = all(query, /_measurement == "([^"]*)"/g)
  const forms = measurements.flatMap((name) => MEASUREMENTS[name as Measurement] ?? [])
  const fields = new Set(forms.flatMap((form) => Object.keys(form.fields)))
  const columns = new Set(['_time', '_value', '_field', '_measurement', ...forms.flatMap(({ tags }) => tags), ...fields])
  const lists = all(query, /columns: \[([^\]]*)\]/g).flatMap((list) => all(list, /"([^"]*)"/g))
  return [
    ...measurements.filter((name) => !(name in MEASUREMENTS)),
    ...all(query, /_field == "([^"]*)"/g).filter((name) => !fields.has(name)),
    ...[...all(query, /\br\.(\w+)/g), ...all(query, /column: "([^"]*)"/g), ...lists].filter((name) => !columns.has(name)),
  ]
}

async function metricNames(): Promise<Set<string>> {
  const metrics = createMetrics({
    ingest: async () => ({ received: 1, kept: 1, duplicate: 0, frames: 0, rejected: {}, failed: 0, unacknowledged: 0, connections: 1, refused: {}, throttled: 0, devices: 1 }),
    commits: async () => ({ commits: 1, sumMs: 3, buckets: [1] }),
    engine: () => undefined,
    head: () => 0,
    viewers: () => 0,
    cameras: () => ({}),
    evidence: async () => ({ waiting: 0, failing: 0, attached: {}, failures: 0, missing: 0 }),
    stills: () => ({ cameras: 0, stills: 0, bytes: 0 }),
    desks: async () => [{ desk: 'city', pending: 0, dead: 0, disabled: null, why: null }],
    influx: () => ({ written: 0, lost: 0, retried: 0, queued: 0 }),
  })
  const types = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return new Set(types.flatMap(([, name = '', type]) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])))
}

describe('boards', () => {
  it('have uids and titles of their own', () => {
    expect(names.toSorted()).toEqual(['covers.json', 'platform.json', 'vehicles.json'])
    for (const key of ['uid', 'title'] as const) expect(new Set([...boards.values()].map((board) => board[key])).size).toBe(boards.size)
  })

  it('have panels that do not lie on each other', () => {
    for (const board of boards.values()) {
      expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length)
      const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`))
      expect(new Set(cells).size).toBe(cells.length)
      expect(Math.max(...board.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
    }
  })

  it('ask only the data sources that are provisioned', () => {
    const provisioned = yaml<{ datasources: { uid: string }[] }>(import.meta.dirname, 'provisioning/datasources/wanglou.yaml').datasources.map(({ uid }) => uid)
    expect([...new Set(queries.map(({ target }) => target.datasource.uid))].toSorted()).toEqual(provisioned.toSorted())
  })

  it.each(queries.filter(({ target }) => target.query).map(({ where, target, board }) => [where, target.query ?? '', board] as const))(
    '%s names only what is written',
    (_, query, board) => {
      expect(all(query, /_field == "([^"]*)"/g)).not.toEqual([])
      expect(all(query, /_measurement == "([^"]*)"/g)).not.toEqual([])
      expect(unknownNames(query)).toEqual([])
      const variables = board.templating.list.map(({ name }) => name)
      expect(all(query, /\$\{(\w+)\}/g).filter((name) => !variables.includes(name))).toEqual([])
    },
  )

  it('the check of names finds names that are written nowhere', () => {
    expect(unknownNames('from(bucket: "b") |> filter(fn: (r) => r._measurement == "covers" and r._field == "tiltDeg" and r.site == "x") |> group(columns: ["plate"])')).toEqual([
      'covers',
      'tiltDeg',
      'site',
      'plate',
    ])
  })

  it.each(queries.filter(({ target }) => target.expr).map(({ where, target }) => [where, target.expr ?? ''] as const))('%s names only metrics that are there', async (_, expr) => {
    const known = await metricNames()
    const named = all(expr, /\b(wanglou_\w+)/g)
    expect(named).not.toEqual([])
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })

  it.each([
    ['covers.json', 'tiltDeg', 'cover-displaced', 'tiltDeg'],
    ['covers.json', 'waterMm', 'cover-water-high', 'waterMm'],
    ['covers.json', 'batteryPct', 'cover-battery-low', 'batteryPct'],
    ['vehicles.json', 'speedKmh', 'truck-speeding', 'speedKmh'],
  ])('%s: the limit %s is that of the rule', (name, variable, rule, param) => {
    const { params } = yaml<{ params: Record<string, { value: number }> }>(RULES, `${rule}.yaml`)
    const found = boards.get(name)?.templating.list.find((each) => each.name === variable)
    expect(Number(found?.current.value)).toBe(params[param]?.value)
  })

  it('covers.json: silence is what the rule calls silence', () => {
    const { params } = yaml<{ params: { silence: { value: string } } }>(RULES, 'cover-silent.yaml')
    const hours = boards.get('covers.json')?.templating.list.find(({ name }) => name === 'silentHours')?.current.value
    expect(params.silence.value).toBe(`${hours}h`)
  })
})
