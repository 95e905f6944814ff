import { readFileSync } from 'node:fs'
import type { ZodType } from 'zod'
import { CodedError, type Detail, type ErrorCode, messageOf } from '../domain/errors.ts'
import { SourceText } from '../rules/places.ts'
import { schemaFaults } from '../rules/schema-faults.ts'

/** Reads a YAML file that people write: its text with the places of its values. Throws `code` when it cannot be read, with every error of its YAML. */
export function readYamlFile(file: string, code: ErrorCode): SourceText {
  const source = new SourceText(readTextFile(file, code))
  if (source.errors.length > 0) throw new CodedError(code, undefined, { details: source.errors.map((error) => ({ where: whereOf(file, error), why: error.why })) })
  return source
}

/** What the schema makes of a YAML file. Throws `code` with everything that is wrong with it, each with file, line and column. */
export function parseYamlFile<T>(file: string, schema: ZodType<T>, code: ErrorCode): T {
  const source = readYamlFile(file, code)
  const parsed = schema.safeParse(source.value)
  if (parsed.success) return parsed.data
  const details = schemaFaults(parsed.error, source.value, schema).map((fault): Detail => ({ where: whereOf(file, source.placeOfFault(fault)), why: fault.why }))
  throw new CodedError(code, undefined, { details })
}

/** The text of a file that somebody named. Throws `code`. */
export function readTextFile(file: string, code: ErrorCode): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CodedError(code, undefined, { details: [{ where: file, why: `the file cannot be read: ${messageOf(cause)}` }], cause })
  }
}

/** `file:line:column`, as editors and terminals jump to it. */
export function whereOf(file: string, { line, column }: { line: number; column: number }): string {
  return `${file}:${line}:${column}`
}
