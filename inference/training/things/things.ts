import type { Random } from '../../../domain/random.ts'
import type { Decal } from '../decals.ts'
import type { Label } from '../labels.ts'
import { car } from './car.ts'
import { coverClosed, coverOpen } from './cover.ts'
import { bus, muckTruck, truck } from './lorry.ts'
import type { Part } from './parts.ts'
import { person, twoWheeler } from './people.ts'
import { building, bush, fence, furniture, pole, tree } from './scenery.ts'
import { blemish, mound, spillage } from './spillage.ts'
import { garbage, stall } from './street-order.ts'

/** What stands on the street, made anew from its own seed each time that it is drawn. */
export const SOLIDS = {
  truck,
  'muck-truck-loaded-open': (random: Random) => muckTruck(random, 'open'),
  'muck-truck-covered': (random: Random) => muckTruck(random, 'covered'),
  car,
  bus,
  'two-wheeler': twoWheeler,
  person,
  mound,
  garbage,
  stall,
  building,
  tree,
  bush,
  pole,
  furniture,
  fence,
} satisfies Record<string, (random: Random) => Part[]>

/** What lies flat on it. `from`: where the camera stands, seen from there: ahead, right, up, metres. */
export const FLATS = {
  'cover-closed': { label: 'cover-closed', make: coverClosed },
  'cover-open': { label: 'cover-open', make: coverOpen },
  spillage: { label: 'spillage', make: spillage },
  blemish: { label: null, make: blemish },
} satisfies Record<string, { label: Label | null; make(random: Random, from: readonly [number, number, number]): Decal }>

export type Kind = keyof typeof SOLIDS | keyof typeof FLATS

/** One thing in a street. The same kind and seed look the same wherever they are. */
export interface Thing {
  kind: Kind
  x: number
  z: number
  /** Radians from the road's axis, clockwise seen from above. */
  heading: number
  seed: string
}

/** Length and width that it needs, metres. */
export const ROOM: Record<Kind, readonly [number, number]> = {
  truck: [8, 2.5],
  'muck-truck-loaded-open': [8.5, 2.5],
  'muck-truck-covered': [8.5, 2.5],
  car: [4.6, 1.9],
  bus: [11, 2.6],
  'two-wheeler': [1.8, 0.8],
  person: [0.6, 0.6],
  mound: [2.4, 2],
  garbage: [1.2, 1.2],
  stall: [2.4, 1.8],
  building: [24, 14],
  tree: [1, 1],
  bush: [2, 1],
  pole: [0.4, 0.4],
  furniture: [1, 0.7],
  fence: [12, 0.3],
  'cover-closed': [0.8, 0.8],
  'cover-open': [1.1, 1.1],
  spillage: [5, 1.6],
  blemish: [2, 1.6],
}

export function isFlat(kind: Kind): kind is keyof typeof FLATS {
  return kind in FLATS
}
