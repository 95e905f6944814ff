import { type JsonSchema, settingsJsonSchema } from './settings.ts'

/** Every setting as a line of a Markdown table: name, default, what it may be, what it means. */
export function settingsTable(): string {
  const rows = rowsOf(settingsJsonSchema(), '').map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  return ['| setting | default | may be | what it is |', '|---|---|---|---|', ...rows].join('\n')
}

/** Of a list the fields of one entry, under `name[].field`; of what may be null both the whole and what stands in it. */
function rowsOf(schema: JsonSchema, name: string, isNeeded = false): string[][] {
  // A value with a default of its own, such as a name in two languages, is one setting.
  if (schema.properties && (name === '' || isGroup(schema))) return fieldsOf(schema, name)
  const given = schema.default === undefined ? (isNeeded ? 'needed' : '') : `\`${JSON.stringify(schema.default)}\``
  const within = schema.anyOf?.find(({ properties }) => properties) ?? schema.items
  return [[`\`${name}\``, given, mayBe(schema), schema.description ?? ''], ...(within ? fieldsOf(within, schema.items ? `${name}[]` : name) : [])]
}

function fieldsOf({ properties = {}, required = [] }: JsonSchema, name: string): string[][] {
  return Object.entries(properties).flatMap(([field, child]) => rowsOf(child, name === '' ? field : `${name}.${field}`, required.includes(field)))
}

function isGroup({ default: given }: JsonSchema): boolean {
  return given === undefined || JSON.stringify(given) === '{}'
}

function mayBe(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.join(', ')
  if (schema.anyOf) return schema.anyOf.map(mayBe).join(' or ')
  if (typeof schema.type === 'object') return schema.type.map((type) => mayBe({ ...schema, type })).join(' or ')
  switch (schema.type) {
    case 'integer':
    case 'number':
      return `${schema.type === 'integer' ? 'whole number' : 'number'}${range(schema)}`
    case 'boolean':
      return 'true, false'
    case 'array':
      return 'list'
    case 'object':
      return 'map'
    case 'null':
      return 'null'
    default:
      return schema.format === 'uri' ? 'address' : 'text'
  }
}

function range({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` from ${minimum} on`
  return exclusiveMinimum === undefined ? '' : ` above ${exclusiveMinimum}`
}
