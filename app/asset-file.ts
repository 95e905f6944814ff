import { type Asset, AssetSchema } from '../domain/asset.ts'
import { CodedError, type Detail } from '../domain/errors.ts'
import type { Polygon, Position } from '../domain/geo.ts'

/** Reads an asset file, CSV with a header or GeoJSON. Throws `assets.invalid` with every error and its line. */
export function parseAssetFile(name: string, text: string): Asset[] {
  const rows = /^\s*\{/.test(text) ? geoJsonRows(text) : csvRows(text)
  const details: Detail[] = []
  const lineOf = new Map<string, number>()
  const assets: Asset[] = []
  for (const { line, value } of rows) {
    const parsed = AssetSchema.safeParse(value)
    if (!parsed.success) {
      for (const issue of parsed.error.issues) details.push({ where: `${name}:${line}`, why: `${issue.path.join('.') || 'the row'}: ${issue.message}` })
      continue
    }
    const before = lineOf.get(parsed.data.id)
    if (before !== undefined) details.push({ where: `${name}:${line}`, why: `${parsed.data.id} stands in line ${before} too` })
    lineOf.set(parsed.data.id, line)
    assets.push(parsed.data as Asset)
  }
  if (details.length > 0) throw new CodedError('assets.invalid', undefined, { details })
  if (assets.length === 0) throw new CodedError('assets.invalid', undefined, { details: [{ where: name, why: 'there is no asset in the file' }] })
  return assets
}

interface Row {
  line: number
  value: Record<string, unknown>
}

/** Columns are the fields of an asset; `labels.fleet` is a label, `devices` are separated by spaces, an empty cell is not given. */
function csvRows(text: string): Row[] {
  const [header, ...records] = csvRecords(text)
  if (!header) return []
  return records.map(({ line, cells }) => {
    const value: Record<string, unknown> = {}
    header.cells.forEach((column, index) => {
      const cell = cells[index]?.trim() ?? ''
      if (cell !== '') put(value, column.trim(), cell)
    })
    if (cells.length > header.cells.length) value.id = undefined
    return { line, value }
  })
}

function put(value: Record<string, unknown>, column: string, cell: string): void {
  if (column === 'lon' || column === 'lat') value[column] = Number(cell)
  else if (column === 'devices') value[column] = cell.split(/\s+/)
  else if (column.startsWith('labels.')) value.labels = { ...(value.labels as object), [column.slice(7)]: cell }
  else if (column === 'matter') value[column] = { system: 'GB/T 47678.5-2026', kind: 'component', code: cell }
  else value[column] = cell
}

/** RFC 4180: quoted cells may hold commas, quotes and line breaks. `line` is where the record begins. */
function csvRecords(text: string): { line: number; cells: string[] }[] {
  const records: { line: number; cells: string[] }[] = []
  let [cells, cell, quoted, line, began]: [string[], string, boolean, number, number] = [[], '', false, 1, 1]
  const finish = (): void => {
    cells.push(cell)
    if (cells.length > 1 || cell.trim() !== '') records.push({ line: began, cells })
    cells = []
    cell = ''
  }
  const body = text.replace(/^\uFEFF/, '')
  for (let i = 0; i < body.length; i++) {
    const char = body[i]
    if (char === '\n') line++
    if (quoted && char === '"' && body[i + 1] === '"') {
      cell += '"'
      i++
    } else if (char === '"') quoted = !quoted
    else if (!quoted && char === ',') {
      cells.push(cell)
      cell = ''
    } else if (!quoted && (char === '\n' || char === '\r')) {
      if (char === '\r' && body[i + 1] === '\n') continue
      finish()
      began = line
    } else cell += char
  }
  finish()
  return records
}

interface Feature {
  id?: string | number
  properties?: Record<string, unknown> | null
  geometry?: { type: string; coordinates: unknown } | null
}

/** A point is the asset's place; a polygon or a line makes it a zone, whose type stands in the property `type`. */
function geoJsonRows(text: string): Row[] {
  let json: { features?: Feature[] }
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new CodedError('assets.invalid', undefined, { details: [{ why: `the file is not JSON: ${(cause as Error).message}` }], cause })
  }
  const lines = featureLines(text)
  return (json.features ?? []).map((feature, index) => ({ line: lines[index] ?? 1, value: featureAsset(feature) }))
}

function featureAsset({ id, properties, geometry }: Feature): Record<string, unknown> {
  const { type, ...rest } = properties ?? {}
  const value: Record<string, unknown> = { ...(id === undefined ? {} : { id: String(id) }), ...rest }
  if (geometry?.type === 'Point') [value.lon, value.lat] = geometry.coordinates as number[]
  if (geometry?.type === 'LineString') return { kind: 'zone', ...value, zone: { type, line: geometry.coordinates } }
  if (geometry?.type === 'Polygon') return { kind: 'zone', ...value, zone: { type, polygon: [(geometry.coordinates as Position[][])[0]] } }
  if (geometry?.type === 'MultiPolygon') return { kind: 'zone', ...value, zone: { type, polygon: (geometry.coordinates as Polygon[]).map((polygon) => polygon[0]) } }
  return value
}

/** Lines at which features begin. */
function featureLines(text: string): number[] {
  return [...text.matchAll(/"type"\s*:\s*"Feature"/g)].map((match) => text.slice(0, match.index).split('\n').length)
}
