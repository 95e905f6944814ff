import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Ring } from '../../domain/geo.ts'
import { type RuleFile, RuleFileSchema } from '../../domain/rule.ts'
import { parseDuration } from '../../domain/time.ts'
import { topics } from '../../domain/topics.ts'

/**
 * The nine rules of the book as one who knows Node-RED would write them: an MQTT node per kind, a function node per rule,
 * state in the node's context. Numbers come from the book. Less than the rules: a hold ends at the next message, not by a
 * timer; what comes late or twice is taken as it comes; a restart forgets everything.
 */
interface RuleNode {
  kind: 'cover' | 'vehicle' | 'scene'
  /** Body of the function: `v` is what the asset last said of each field, `judge` latches and answers the alerts to send. */
  code: string
  /** Also called without a message, every so often. */
  everySeconds?: number
}

const judged = (when: string, clear = `!(${when})`): string => `return [judge(asset, ${when}, ${clear})]`

const NODES: Record<string, RuleNode> = {
  // No hold, so that what is measured is the machinery.
  'cover-displaced': { kind: 'cover', code: judged('v.tiltDeg > params.tiltDeg || v.displaced', 'v.tiltDeg < 5 && !v.displaced').replace('judge(', 'judgeAtOnce(') },
  'cover-water-high': { kind: 'cover', code: judged('v.waterMm >= params.waterMm', 'v.waterMm < params.waterMm - params.hysteresisMm') },
  'cover-battery-low': { kind: 'cover', code: judged('v.batteryPct < params.batteryPct', 'v.batteryPct >= params.batteryPct + 10') },
  'cover-silent': {
    kind: 'cover',
    everySeconds: 60,
    code: 'if (asset) state.seen = now\nreturn [[...held].flatMap(([key, each]) => (each.seen === undefined ? [] : judge(key, now - each.seen > silentMs, now - each.seen <= silentMs)))]',
  },
  'truck-banned-zone': { kind: 'vehicle', code: judged('inside(v, zones.banned)') },
  'truck-open-lid': { kind: 'vehicle', code: judged('v.load && v.load !== "empty" && v.lid === "open" && v.speedKmh > params.speedKmh') },
  'truck-speeding': { kind: 'vehicle', code: judged('v.speedKmh > params.speedKmh') },
  'truck-staying': {
    kind: 'vehicle',
    code: `if (!state.anchor || distanceM(state.anchor, v) > params.radiusM) { state.anchor = { lon: v.lon, lat: v.lat }; state.since = undefined; state.firing = false }
${judged('!inside(v, zones.depot) && !inside(v, zones.site)')}`,
  },
  'vehicle-no-parking': {
    kind: 'scene',
    code: `const standing = (msg.payload.objects ?? []).filter((o) => o.track && labels.includes(o.label) && o.score >= params.score && o.zones?.includes(zone))
const keys = new Set(standing.map((o) => asset + '/' + o.track))
for (const key of held.keys()) if (key.startsWith(asset + '/') && !keys.has(key)) held.delete(key)
return [[...keys].flatMap((key) => judge(key, true, false))]`,
  },
}

const PRELUDE = `
const now = Date.now()
const asset = msg.topic?.split('/')[6]
const at = asset ? (typeof msg.payload.at === 'number' ? msg.payload.at : Date.parse(msg.payload.at)) : now
let held = context.get('held')
if (!held) context.set('held', (held = new Map()))
const stateOf = (key) => {
  let found = held.get(key)
  if (!found) held.set(key, (found = { v: {}, firing: false }))
  return found
}
const state = asset ? stateOf(asset) : undefined
const v = asset ? Object.assign(state.v, msg.payload) : {}
const judge = (key, when, clear, hold = holdMs) => {
  const s = stateOf(key)
  if (s.firing) {
    if (clear) { s.firing = false; s.since = undefined }
    return []
  }
  if (!when) { s.since = undefined; return [] }
  s.since ??= at
  if (at - s.since < hold) return []
  s.firing = true
  return [{ topic: 'city/v1/alert/000000/' + rule + '.' + key, payload: { rule, severity, asset: key.split('/')[0], key, openedAt: s.since } }]
}
const judgeAtOnce = (key, when, clear) => judge(key, when, clear, 0)
const inRing = (p, ring) => {
  let is = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[i], ring[j]]
    if ((a[1] > p.lat) !== (b[1] > p.lat) && p.lon < ((b[0] - a[0]) * (p.lat - a[1])) / (b[1] - a[1]) + a[0]) is = !is
  }
  return is
}
const inside = (p, rings) => rings.some((ring) => inRing(p, ring))
const distanceM = (a, b) => Math.hypot((a.lon - b.lon) * 111320 * Math.cos((a.lat * Math.PI) / 180), (a.lat - b.lat) * 111320)
`

export type Zones = Readonly<Record<'banned' | 'depot' | 'site', readonly Ring[]>>

/** Reads a rule of the book. */
function bookRule(name: string): RuleFile {
  return RuleFileSchema.parse(parse(readFileSync(join(import.meta.dirname, '../../rules/book', `${name}.yaml`), 'utf8')))
}

/** Names of the rules that the flow has. */
export const FLOW_RULES: readonly string[] = Object.keys(NODES)

/** The text of a rule's function node: `msg` and `context` are Node-RED's. */
export function functionText(name: string, zones: Zones): string {
  const { params, for: hold, severity, objects } = bookRule(name)
  const values = Object.fromEntries(Object.entries(params).map(([key, { value }]) => [key, value]))
  const holdText = hold.startsWith('params.') ? String(values[hold.slice('params.'.length)]) : hold
  const constants = {
    ...{ rule: name, severity, params: values, zones, holdMs: parseDuration(holdText) ?? 0, silentMs: parseDuration(String(values.silence ?? '0')) },
    ...{ labels: objects?.labels ?? [], zone: objects?.zone ?? '' },
  }
  const lines = Object.entries(constants).map(([key, value]) => `const ${key} = ${JSON.stringify(value)}`)
  return `${lines.join('\n')}${PRELUDE}${NODES[name]?.code ?? ''}`
}

/** The flow as Node-RED reads it from its flow file. */
export function flowOf({ mqttPort, zones }: { mqttPort: number; zones: Zones }): object[] {
  const tab = { id: 'tab', type: 'tab', label: 'rules' }
  const broker = {
    id: 'broker',
    type: 'mqtt-broker',
    broker: '127.0.0.1',
    port: String(mqttPort),
    clientid: 'node-red',
    protocolVersion: '4',
    keepalive: '60',
    cleansession: true,
    autoConnect: true,
  }
  const names = Object.keys(NODES)
  const kinds = [...new Set(Object.values(NODES).map(({ kind }) => kind))]
  const inputs = kinds.map((kind, row) => {
    const wires = [names.filter((name) => NODES[name]?.kind === kind)]
    return { ...placed(0, row), id: `in-${kind}`, type: 'mqtt in', broker: 'broker', topic: topics.observation('+', kind, '+'), qos: '1', datatype: 'json', wires }
  })
  const functions = names.map((name, row) => ({ ...placed(1, row), id: name, type: 'function', name, func: functionText(name, zones), outputs: 1, wires: [['out']] }))
  const clocks = names
    .filter((name) => NODES[name]?.everySeconds !== undefined)
    .map((name, row) => ({ ...placed(0, kinds.length + row), id: `clock-${name}`, type: 'inject', repeat: String(NODES[name]?.everySeconds), props: [], wires: [[name]] }))
  const out = { ...placed(2, 0), id: 'out', type: 'mqtt out', broker: 'broker', topic: '', qos: '1', retain: 'false', wires: [] }
  return [tab, broker, ...inputs, ...functions, ...clocks, out]
}

/** Where a node lies on the tab. Node-RED takes one without a place for a configuration and never starts it. */
function placed(column: number, row: number): { z: string; x: number; y: number } {
  return { z: 'tab', x: 150 + 300 * column, y: 60 + 60 * row }
}
