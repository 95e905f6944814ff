import { type Calibration, type CalibrationPoint, homographyOf } from '../../domain/calibration.ts'
import { CodedError } from '../../domain/errors.ts'
import type { Position } from '../../domain/geo.ts'

type Corner = readonly [x: number, y: number]

/** Points of the picture and of the map that are being paired; of the last one half may still be missing. */
export interface Pins {
  points: readonly CalibrationPoint[]
  picture: Corner | null
  place: Position | null
}

export type Prick = { do: 'picture'; at: Corner } | { do: 'map'; at: Position } | { do: 'remove'; index: number } | { do: 'clear' }

export function newPins(calibration: Calibration | null): Pins {
  return { points: calibration?.points ?? [], picture: null, place: null }
}

/** A click in the picture and one on the map, in either order, are a pair; a second click in the same place moves the first. */
export function prick(pins: Pins, what: Prick): Pins {
  switch (what.do) {
    case 'picture':
      return paired({ ...pins, picture: within(what.at) })
    case 'map':
      return paired({ ...pins, place: [rounded(what.at[0], 1e7), rounded(what.at[1], 1e7)] })
    case 'remove':
      return { ...pins, points: pins.points.filter((_, index) => index !== what.index) }
    case 'clear':
      return newPins(null)
  }
}

function paired(pins: Pins): Pins {
  const { points, picture, place } = pins
  return picture && place ? { points: [...points, { picture: [picture[0], picture[1]], lon: place[0], lat: place[1] }], picture: null, place: null } : pins
}

const rounded = (value: number, per: number): number => Math.round(value * per) / per
const within = ([x, y]: Corner): Corner => [rounded(Math.min(1, Math.max(0, x)), 1e4), rounded(Math.min(1, Math.max(0, y)), 1e4)]

/** What is saved: nothing without a point. */
export function calibrationOf({ points }: Pins): Calibration | null {
  return points.length === 0 ? null : { points: [...points] }
}

/** What the points say so far: that there are too few, that they show no plane and why, or how well they fit. */
export type Fit = { is: 'few'; more: number } | { is: 'refused'; why: string } | { is: 'fits'; residualsM: readonly number[]; deviationM: number }

const FEWEST = 4

export function fitOf({ points }: Pick<Pins, 'points'>): Fit {
  if (points.length < FEWEST) return { is: 'few', more: FEWEST - points.length }
  try {
    const { residualsM, deviationM } = homographyOf({ points: [...points] })
    return { is: 'fits', residualsM, deviationM }
  } catch (error) {
    if (error instanceof CodedError) return { is: 'refused', why: error.message }
    throw error
  }
}
