import { BLIND_CAUSES } from './coverage.ts'
import { DAY, HOUR, MINUTE } from './time.ts'

/**
 * The one table of what each kind of observation may carry. The zod schemas, the compiled check on the
 * hot path, the type environment of conditions and the generated documents are all made from it.
 */
export interface NumberField {
  type: 'number'
  unit: string
  min: number
  max: number
  help: string
}
export interface BooleanField {
  type: 'boolean'
  help: string
}
export interface EnumField {
  type: 'enum'
  values: readonly string[]
  help: string
}
export interface TextField {
  type: 'text'
  max: number
  help: string
}
export interface TextListField {
  type: 'texts'
  max: number
  help: string
}
export type Field = NumberField | BooleanField | EnumField | TextField | TextListField

const number = (unit: string, min: number, max: number, help: string): NumberField => ({ type: 'number', unit, min, max, help })
const flag = (help: string): BooleanField => ({ type: 'boolean', help })
const oneOf = (values: readonly string[], help: string): EnumField => ({ type: 'enum', values, help })

export const KINDS = ['cover', 'vehicle', 'sensor', 'scene', 'report', 'presence'] as const
export type Kind = (typeof KINDS)[number]

/** Where a device was: any kind may say so. */
export const PLACE_FIELDS = {
  lon: number('deg', -180, 180, 'longitude'),
  lat: number('deg', -90, 90, 'latitude'),
} as const satisfies Record<string, Field>

/** Flat fields by kind. `sensor.values` and `scene.objects` have shapes of their own (observation.ts). */
export const FIELDS = {
  cover: {
    tiltDeg: number('deg', 0, 180, 'angle to the installed surface'),
    displaced: flag('magnet or hall switch says that the cover is off its seat'),
    waterMm: number('mm', 0, 100_000, 'depth of water above the bottom of the well'),
    ch4Lel: number('%LEL', 0, 100, 'methane, share of the lower explosive limit'),
    h2sPpm: number('ppm', 0, 10_000, 'hydrogen sulphide'),
    tempC: number('degC', -80, 200, 'temperature in the well'),
    batteryPct: number('%', 0, 100, 'battery left'),
    rssiDbm: number('dBm', -200, 20, 'radio signal strength'),
  },
  vehicle: {
    speedKmh: number('km/h', 0, 400, 'speed over ground'),
    headingDeg: number('deg', 0, 360, 'course, north 0, clockwise'),
    altM: number('m', -500, 9000, 'altitude'),
    ignition: flag('ACC on'),
    load: oneOf(['empty', 'half', 'full'], 'load of the bed'),
    lid: oneOf(['open', 'closed'], 'cover of the bed'),
    bed: oneOf(['flat', 'raised'], 'tipping bed'),
    mileageKm: number('km', 0, 10_000_000, 'odometer'),
    alarms: { type: 'texts', max: 32, help: 'alarms of the terminal, for example sos, no_fix, encrypted, power_cut' },
  },
  sensor: {},
  scene: {
    camera: { type: 'text', max: 64, help: 'the camera; equals the device' },
    model: { type: 'text', max: 128, help: 'id and hash of the model that saw it' },
  },
  report: {
    channel: { type: 'text', max: 64, help: 'where it came from, for example hotline_12345' },
    text: { type: 'text', max: 4000, help: 'what the person wrote' },
    photos: { type: 'texts', max: 16, help: 'upload ids or URLs' },
    category: { type: 'text', max: 64, help: 'matter code or category' },
  },
  presence: {
    state: oneOf(['online', 'offline'], 'whether the device is reachable'),
    picture: oneOf(['ok', 'frozen', 'dark', 'bright', 'covered', 'moved', 'changed'], "what is wrong with a camera's picture; changed: it shows another scene"),
    coverage: oneOf(['ok', 'blind'], 'whether each algorithm of a camera was looked at within its interval'),
    cause: oneOf(BLIND_CAUSES, 'why a camera is not looked at'),
    algorithms: { type: 'texts', max: 64, help: 'the algorithms that are not looked at' },
  },
} as const satisfies Record<Kind, Record<string, Field>>

/** A value older than this is unknown to a condition (S4). */
export const STALE_AFTER: Record<Kind, number> = {
  cover: 2 * DAY,
  vehicle: 10 * MINUTE,
  sensor: HOUR,
  scene: 2 * MINUTE,
  report: DAY,
  presence: 2 * DAY,
}
