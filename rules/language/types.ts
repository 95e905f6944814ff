import { FIELDS, type Field, type Kind, PLACE_FIELDS } from '../../domain/fields.ts'
import type { Param } from '../../domain/rule.ts'
import type { SeenObject } from './values.ts'

/** What a part of a condition gives. `unknown` follows an error, so that one slip is told once. */
export type Type =
  | { is: 'number'; unit?: string | undefined }
  | { is: 'text'; values?: readonly string[]; literal?: string }
  | { is: 'bool' }
  | { is: 'duration' }
  | { is: 'list'; of: Type }
  | { is: 'unknown' }

/** What a condition may name. */
export interface Scope {
  kind: Kind
  object: boolean
  params: Readonly<Record<string, Param>>
  /** Ids of the city's calendars; undefined: not known here, so they are not checked. */
  calendars?: readonly string[] | undefined
  /** The word of the rule that it stands under, where that is known. */
  part?: string | undefined
}

export const TYPE_NAMES: Record<Type['is'], string> = {
  number: 'a number',
  text: 'a text',
  bool: 'true or false',
  duration: 'a duration',
  list: 'a list',
  unknown: 'unknown',
}

/** Variables of an object in a scene with their CEL types; each is a property of SeenObject (values.ts). */
export const OBJECT_VARIABLES = {
  label: 'string',
  score: 'double',
  bestScore: 'double',
  meanScore: 'double',
  looks: 'double',
  track: 'string',
  zone: 'string',
  plate: 'string',
  colour: 'string',
  areaShare: 'double',
  errorM: 'double',
} as const satisfies Partial<Record<keyof SeenObject, string>>
/** Name of a variable of an object. */
export type ObjectVariable = keyof typeof OBJECT_VARIABLES

/** The type that a CEL signature names. */
export function typeNamed(name: string): Type {
  switch (name) {
    case 'double':
    case 'int':
      return { is: 'number' }
    case 'string':
      return { is: 'text' }
    case 'bool':
      return { is: 'bool' }
    case 'google.protobuf.Duration':
      return { is: 'duration' }
    case 'list<string>':
      return { is: 'list', of: { is: 'text' } }
    default:
      return { is: 'unknown' }
  }
}

/** `name(types): type` */
export function signatureOf(text: string): { takes: Type[]; gives: Type } {
  const [, args = '', gives = ''] = /^\w+\((.*)\): (.+)$/.exec(text) ?? []
  return { takes: args === '' ? [] : args.split(', ').map(typeNamed), gives: typeNamed(gives) }
}

export function typeOfField(field: Field): Type {
  switch (field.type) {
    case 'number':
      return { is: 'number', unit: field.unit }
    case 'boolean':
      return { is: 'bool' }
    case 'enum':
      return { is: 'text', values: field.values }
    case 'text':
      return { is: 'text' }
    case 'texts':
      return { is: 'list', of: { is: 'text' } }
  }
}

export function typeOfParam({ value, unit }: Param): Type {
  if (unit === 'duration') return { is: 'duration' }
  if (typeof value === 'number') return { is: 'number', unit }
  return typeof value === 'boolean' ? { is: 'bool' } : { is: 'text', literal: value }
}

export function fieldsOfKind(kind: Kind): Record<string, Field> {
  return { ...FIELDS[kind], ...PLACE_FIELDS }
}

/** Names that a condition of this kind may use, with their types. */
export function variablesOf(kind: Kind, object: boolean): ReadonlyMap<string, Type> {
  const known = object
    ? Object.entries(OBJECT_VARIABLES).map(([name, type]) => [name, typeNamed(type)] as const)
    : Object.entries(fieldsOfKind(kind)).map(([name, field]) => [name, typeOfField(field)] as const)
  return new Map<string, Type>(known)
}
