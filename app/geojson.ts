import { z } from 'zod'
import { messageOf } from '../domain/errors.ts'
import { didYouMean } from '../rules/language/nearest.ts'

/** An asset as a feature has it, not checked yet. */
export interface FeatureRow {
  /** Where the feature begins, from 1. */
  line: number
  /** Its fields; undefined when there is nothing to read them from. */
  value: Record<string, unknown> | undefined
  /** What is wrong with it as a feature. */
  faults: string[]
}

/** The features of a GeoJSON text as assets; or, when it is none at all, why and in which line. */
export function featureRows(text: string): { rows: FeatureRow[] } | { line: number; why: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    const why = messageOf(error)
    const [, line] = /\(line (\d+)/.exec(why) ?? []
    return { line: line === undefined ? text.trimEnd().split('\n').length : Number(line), why: `the file is not JSON: ${why}` }
  }
  const features = isMap(json) ? json.features : undefined
  if (!Array.isArray(features)) return { line: 1, why: 'must be a FeatureCollection, whose `features` are a list' }
  const lines = featureLines(text)
  return { rows: features.map((feature: unknown, index) => ({ line: lines[index] ?? 1, ...featureAsset(feature) })) }
}

function featureAsset(feature: unknown): Omit<FeatureRow, 'line'> {
  if (!isMap(feature)) return { value: undefined, faults: ['must be a Feature'] }
  const { id, geometry } = feature
  const properties = feature.properties ?? {}
  if (!isMap(properties)) return { value: undefined, faults: ['properties: must be a map'] }
  const own: Record<string, unknown> = { ...((typeof id === 'string' || typeof id === 'number') && { id: String(id) }), ...properties }
  if (geometry === undefined || geometry === null) return { value: own, faults: [] }
  const read = geometryOf(geometry)
  if (typeof read !== 'string' && 'lon' in read) return { value: { ...own, ...read }, faults: [] }
  // Lines and polygons make a zone, whose sort stands in the property `type`.
  const { type, ...rest } = own
  const zone = { kind: 'zone', ...rest }
  if (typeof read === 'string') return { value: zone, faults: [read] }
  if (type === undefined) return { value: zone, faults: ['properties.type: is missing: what sort of zone it is, such as banned, depot, site or route'] }
  return { value: { ...zone, zone: { type, ...read } }, faults: [] }
}

/** A height above the ground, which some programs write, is left out. */
const Position = z
  .array(z.number())
  .min(2)
  .max(3)
  .transform((numbers) => numbers.slice(0, 2))
const Ring = z.array(Position).min(3)
const Polygon = z.array(Ring).min(1)
const SHAPES = {
  Point: { of: '[lon, lat]', schema: Position.transform(([lon, lat]) => ({ lon, lat })) },
  LineString: {
    of: 'positions, two at least',
    schema: z
      .array(Position)
      .min(2)
      .transform((line) => ({ line })),
  },
  // Holes are left out: a zone is its outline.
  Polygon: { of: 'rings of positions', schema: Polygon.transform(([outer]) => ({ polygon: [outer] })) },
  MultiPolygon: {
    of: 'polygons',
    schema: z
      .array(Polygon)
      .min(1)
      .transform((polygons) => ({ polygon: polygons.map(([outer]) => outer) })),
  },
}

/** Where an asset is or what outline it has; a sentence when that cannot be read. */
function geometryOf(geometry: unknown): object | string {
  const type = isMap(geometry) ? String(geometry.type) : ''
  const names = Object.keys(SHAPES)
  if (!isMap(geometry) || !isShape(type)) return `geometry: "${type}" is not one of ${names.join(', ')}${didYouMean(type, names)}`
  const { of, schema } = SHAPES[type]
  const parsed = schema.safeParse(geometry.coordinates)
  return parsed.success ? parsed.data : `geometry: the coordinates of a ${type} are ${of}`
}

function isShape(type: string): type is keyof typeof SHAPES {
  return Object.hasOwn(SHAPES, type)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Lines at which the elements of the list `features` begin, in a text that is JSON. */
function featureLines(text: string): number[] {
  let lines: number[] = []
  let [line, depth, inList, expected, key, last]: [number, number, boolean, boolean, string, string] = [1, 0, false, false, '', '']
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:\n]|[^\s"[\]{},:]+/g)) {
    if (token === '\n') {
      line++
      continue
    }
    if (inList && depth === 2 && expected && token !== ']') lines.push(line)
    expected = false
    if (token === ':') key = depth === 1 ? last : key
    else if (token === '{' || token === '[') {
      depth++
      if (depth === 2 && token === '[' && key === '"features"') {
        inList = expected = true
        lines = []
      }
    } else if (token === '}' || token === ']') {
      depth--
      if (depth < 2) inList = false
    } else if (token === ',') expected = inList && depth === 2
    last = token
  }
  return lines
}
