import type { z } from 'zod'
import { type Asset, AssetSchema } from '../domain/asset.ts'
import { CodedError, type Detail } from '../domain/errors.ts'
import { didYouMean } from '../rules/language/nearest.ts'
import { schemaFaults } from '../rules/schema-faults.ts'
import { csvRecords } from './csv.ts'
import { featureRows } from './geojson.ts'

/** One asset of a file as it is written: where, and what is wrong before anybody looks at its fields. */
interface Row {
  line: number
  where: string
  /** Undefined when there is nothing to read fields from. */
  value: Record<string, unknown> | undefined
  faults: string[]
}

interface Rows {
  rows: Row[]
  /** What is wrong with the file as a whole. */
  faults: Detail[]
  /** Fields that a fault of the whole file speaks for. */
  told: readonly string[]
}

// A field that nobody knows is a slip of the pen: what stood in it would be lost without a word.
const StrictSchema: z.ZodType = AssetSchema.strict()

/** Reads an asset file, CSV with a header or GeoJSON. Throws `assets.invalid` with every error and its line. */
export function parseAssetFile(name: string, text: string): Asset[] {
  const body = text.replace(/^\uFEFF/, '')
  const { rows, faults, told } = /^\s*[{[]/.test(body) ? geoJsonRows(name, body) : csvRows(name, body)
  const details = [...faults]
  const lineOf = new Map<string, number>()
  const assets: Asset[] = []
  for (const { line, where, value, faults } of rows) {
    details.push(...faults.map((why) => ({ where, why })))
    if (value === undefined) continue
    const parsed = StrictSchema.safeParse(value)
    if (parsed.success) assets.push(parsed.data as Asset)
    else details.push(...schemaFaults(parsed.error, value, StrictSchema).flatMap(({ path, why }) => (told.includes(String(path[0])) ? [] : [{ where, why }])))
    if (value.id === undefined) continue
    const before = lineOf.get(String(value.id))
    if (before !== undefined) details.push({ where, why: `${value.id} stands in line ${before} too` })
    lineOf.set(String(value.id), line)
  }
  if (details.length > 0) throw new CodedError('assets.invalid', undefined, { details })
  if (assets.length === 0) throw new CodedError('assets.invalid', undefined, { details: [{ where: name, why: 'there is no asset in the file' }] })
  return assets
}

const NEEDED = ['id', 'kind']
const COLUMNS = [...NEEDED, 'name', 'lon', 'lat', 'devices', 'area', 'grid', 'department', 'matter']

/** Columns are the fields of an asset; `labels.fleet` is a label, `devices` are separated by spaces, an empty cell is not given. */
function csvRows(name: string, text: string): Rows {
  const { records, open } = csvRecords(text)
  const [header, ...rest] = records
  const columns = header?.cells.map((cell) => cell.trim()) ?? []
  const missing = NEEDED.filter((column) => !columns.includes(column))
  const whole = [...(open === undefined ? [] : [{ where: `${name}:${open}`, why: 'a quote is opened here that nothing closes' }])]
  if (!header) return { rows: [], faults: whole, told: [] }
  const faults = [...whole, ...columnFaults(columns, missing).map((why) => ({ where: `${name}:${header.line}`, why }))]
  const rows = rest.map(({ line, cells }): Row => {
    const value: Record<string, unknown> = {}
    for (const [index, column] of columns.entries()) if (isColumn(column)) put(value, column, cells[index]?.trim() ?? '')
    const surplus = cells.length > columns.length ? [`the row has ${cells.length} cells, the header ${columns.length}`] : []
    return { line, where: `${name}:${line}`, value, faults: surplus }
  })
  return { rows, faults, told: missing }
}

function columnFaults(columns: readonly string[], missing: readonly string[]): string[] {
  return [
    ...missing.map((column) => `there is no column ${column}`),
    ...columns.filter((column) => !isColumn(column)).map((column) => `"${column}": unknown column${didYouMean(column, COLUMNS)}`),
    ...columns.filter((column, index) => columns.indexOf(column) < index).map((column) => `"${column}" stands twice`),
  ]
}

function isColumn(column: string): boolean {
  return COLUMNS.includes(column) || /^labels\../.test(column)
}

function put(value: Record<string, unknown>, column: string, cell: string): void {
  if (cell === '') return
  if (column === 'lon' || column === 'lat') value[column] = Number(cell)
  else if (column === 'devices') value[column] = cell.split(/\s+/)
  else if (column.startsWith('labels.')) value.labels = { ...(value.labels as object), [column.slice(7)]: cell }
  else if (column === 'matter') value[column] = { system: 'GB/T 47678.5-2026', kind: 'component', code: cell }
  else value[column] = cell
}

/** A point is the asset's place; a polygon or a line makes it a zone. */
function geoJsonRows(name: string, text: string): Rows {
  const read = featureRows(text)
  if ('why' in read) return { rows: [], faults: [{ where: `${name}:${read.line}`, why: read.why }], told: [] }
  return { rows: read.rows.map((row, index) => ({ ...row, where: `${name}:${row.line} (feature ${index + 1})` })), faults: [], told: [] }
}
