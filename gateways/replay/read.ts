import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { CodedError } from '../../domain/errors.ts'
import { type BadLine, type Fix, fixOf } from './trace.ts'

export type TraceFormat = 'csv' | 'barefoot'
export type Read = { fix: Fix } | { bad: BadLine }

/** The format by the file's name; `.json` is barefoot's. */
export function formatOf(file: string): TraceFormat {
  return file.toLowerCase().endsWith('.json') ? 'barefoot' : 'csv'
}

/** Streams a trace. Every line (below the heading) or item gives exactly one result. */
export async function* readTrace(file: string, format: TraceFormat, zone: string | undefined): AsyncGenerator<Read> {
  const items = format === 'csv' ? csvRows(file) : jsonItems(file)
  let line = format === 'csv' ? 1 : 0
  for await (const raw of items) {
    line++
    yield attempt(line, () => fixOf(typeof raw === 'string' ? barefoot(raw) : raw, zone))
  }
}

function attempt(line: number, read: () => Fix): Read {
  try {
    return { fix: read() }
  } catch (thrown) {
    const coded = thrown instanceof CodedError ? thrown : new CodedError('payload.not_json', 'not readable', { cause: thrown })
    return { bad: { line, code: coded.code, why: coded.message } }
  }
}

type Raw = { lon: unknown; lat: unknown; time: unknown; id: unknown }
const COLUMNS = { lon: 'longitude', lat: 'latitude', time: 'timestamp', id: 'name_id' } as const

/** Columns by the names in the heading, in any order; blank lines at the end are none. */
async function* csvRows(file: string): AsyncGenerator<Raw> {
  let heading: string[] | undefined
  let blank = 0
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })) {
    const cells = line.replace(/^\uFEFF/, '').split(',')
    if (!heading) {
      heading = cells.map((cell) => cell.trim())
      const missing = Object.values(COLUMNS).filter((name) => !heading?.includes(name))
      if (missing.length > 0) throw new CodedError('field.missing', `${file} has no column ${missing.join(', ')}.`)
      continue
    }
    if (line.trim() === '') {
      blank++
      continue
    }
    for (; blank > 0; blank--) yield { lon: undefined, lat: undefined, time: undefined, id: undefined }
    const cell = (name: string) => cells[heading?.indexOf(name) ?? -1]?.trim()
    yield { lon: cell(COLUMNS.lon), lat: cell(COLUMNS.lat), time: cell(COLUMNS.time), id: cell(COLUMNS.id) }
  }
}

function barefoot(text: string): Raw {
  const item = JSON.parse(text) as { point?: unknown; time?: unknown; id?: unknown }
  const point = /^\s*POINT\s*\(\s*(\S+)\s+(\S+?)\s*\)\s*$/i.exec(typeof item.point === 'string' ? item.point : '')
  if (!point) throw new CodedError('field.invalid', `point ${JSON.stringify(item.point)}`)
  return { lon: point[1], lat: point[2], time: item.time, id: item.id }
}

const LONGEST_ITEM = 1_000_000

/** The texts of the objects in a JSON array, one at a time, so that a file may be larger than memory. */
async function* jsonItems(file: string): AsyncGenerator<string> {
  let [depth, inText, escaped, item] = [0, false, false, '']
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    for (const char of chunk) {
      if (depth > 0) item += char
      if (inText) {
        if (escaped) escaped = false
        else if (char === '\\') escaped = true
        else if (char === '"') inText = false
        continue
      }
      if (char === '"') inText = depth > 0
      else if (char === '{' && depth++ === 0) item = '{'
      else if (char === '}' && depth > 0 && --depth === 0) yield item
      if (item.length > LONGEST_ITEM) throw new CodedError('payload.too_large', `${file} is no list of fixes: an item is longer than ${LONGEST_ITEM} characters.`)
    }
  }
  if (depth > 0) yield item
}
