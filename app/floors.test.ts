import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Floors of the house: a room imports lower floors and itself, never a neighbour. `app` stands above all. */
const FLOOR: Record<string, number> = { domain: 0, rules: 1, drivers: 1, inference: 2, store: 2, ingest: 3, alerts: 3, cases: 3, api: 3, gateways: 3, app: 4 }
/** Beside the floors: fixtures know the words only; the page shares the words and nothing else. */
const ALLOWED: Record<string, readonly string[]> = { fixtures: ['domain'], dashboards: ['domain'] }
/** Outside packages that touch the world, each with its one owner file. */
const OWNERS: Record<string, readonly string[]> = {
  aedes: ['ingest/watch-broker.ts'],
  mqtt: ['gateways/mqtt.ts'],
  'onnxruntime-node': ['inference/onnx.ts'],
  sharp: ['inference/picture.ts'],
  'fluent-ffmpeg': ['drivers/ffmpeg.ts'],
  '@ffmpeg-installer/ffmpeg': ['drivers/ffmpeg.ts'],
  '@influxdata/influxdb-client': ['store/influx.ts'],
  'better-sqlite3': ['drivers/sqlite.ts'],
  express: ['api/server.ts'],
  pino: ['app/log.ts'],
  'prom-client': ['app/metrics.ts'],
  commander: ['app/cli.ts'],
  cloudevents: ['cases/cloudevent.ts'],
  standardwebhooks: ['cases/signature.ts'],
  '@marcbachmann/cel-js': ['rules/language/environment.ts'],
}

interface Import {
  file: string
  target: string
  /** Types vanish when the code runs: they may point back, and need no owner. */
  type: boolean
}

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file.includes('/'))
/** What tests use stands beside them and is no part of the product. */
const TEST_SUPPORT = /(^|\/)(doubles|testcity|eventstream|receiver|test-broker|.*conformance|temporary-book|loopback-journal|records|collect)\.ts$|\.fixture\.ts$/
const source = files.filter((file) => !/\.test\.tsx?$/.test(file) && !TEST_SUPPORT.test(file))

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]+\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'/gm)].map((match) => ({
    file,
    target: match[2] ?? match[3] ?? '',
    type: match[1] !== undefined,
  }))
}

const room = (path: string): string => path.split('/')[0] ?? ''
const inside = source.flatMap(importsOf).filter(({ target }) => target.startsWith('.'))
const outside = source.flatMap(importsOf).filter(({ target }) => !target.startsWith('.'))
const targetOf = ({ file, target }: Import): string => normalize(join(dirname(file), target))

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  // Benches use the product from outside.
  if (from === 'bench') return true
  const allowed = ALLOWED[from]
  if (allowed) return allowed.includes(to)
  // The demo city is data that edge programs and the platform read.
  if (to === 'fixtures') return from === 'gateways' || from === 'app'
  const [a, b] = [FLOOR[from], FLOOR[to]]
  return a !== undefined && b !== undefined && b < a
}

describe('floors', () => {
  it('finds the house', () => {
    expect(inside.length).toBeGreaterThan(100)
  })

  it('no room imports a neighbour or a higher floor', () => {
    const wrong = inside.filter((each) => !mayImport(room(each.file), room(targetOf(each)))).map((each) => `${each.file} → ${targetOf(each)}`)
    expect(wrong).toEqual([])
  })

  it('every outside package that touches the world has one owner', () => {
    const wrong = outside
      .filter(({ file, target, type }) => {
        const owners = OWNERS[target]
        return !type && owners !== undefined && !owners.includes(file) && room(file) !== 'bench' && room(file) !== 'fixtures'
      })
      .map(({ file, target }) => `${file} imports ${target}`)
    expect(wrong).toEqual([])
  })

  it('there is no cycle between files', () => {
    const graph = new Map<string, string[]>()
    for (const each of inside.filter(({ type }) => !type)) graph.set(each.file, [...(graph.get(each.file) ?? []), targetOf(each)])
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (done.has(file) || path.includes(file)) return
      for (const next of graph.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of graph.keys()) visit(file, [])
    expect(cycles).toEqual([])
  })
})
