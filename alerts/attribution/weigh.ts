import type { ReasonWhy } from '../../domain/attribution.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import { assign } from './assign.ts'
import { certainDensity, type Fit, fitOf, type Passing, passesOf } from './passing.ts'
import { isAlike, plateEvidence } from './plates.ts'
import type { VehicleState, VehicleTrack } from './tracks.ts'

/** A thing that a camera saw pass, or only the stretch of time in which something did. Shares of all are 1 together. */
export interface Sighting extends Passing {
  readonly share: number
  readonly plates: readonly string[]
}

export interface Suspect extends VehicleTrack {
  readonly vehicle: string
  readonly plate: string | null
}

export interface Weighing {
  sightings: readonly Sighting[]
  suspects: readonly Suspect[]
  /** Vehicles of the register whose plate may have been read and that were not near. */
  elsewhere: readonly { vehicle: string; plate: string }[]
  /** Of the vehicles on this road so many in one have no working terminal. */
  unknownShare: number
  /** The stretch for which observations were read. */
  read: { from: Instant; to: Instant }
}

export interface Weighed {
  /** null: unknown. */
  vehicle: string | null
  plate: string | null
  probability: number
  distanceM: number | null
  when: Instant | null
  why: ReasonWhy[]
}

/** What is known of how busy a road is before anybody looked: half a vehicle in ten minutes. */
const BUSY = { passes: 0.5, seconds: 600 } as const
/** A plate that was read, of a vehicle whose terminal says that it was elsewhere, or nothing. */
const ELSEWHERE = 1e-4
/** Once in a hundred times it was none of all that this model knows of: nobody is named with certainty. */
const DOUBT = 0.01
/** Below this a candidate is not worth a row; unknown takes what they had. */
const LEAST = 0.01
const MOST_ROWS = 8
/** A gap that people should know of. */
const LONG_GAP_MS = 45 * SECOND
const NEAR_M = 40
const ELSEWHERE_M = 150

/**
 * Who did it? One of those who passed, each weighed by how well its track fits what was seen; or one without a terminal,
 * weighed by how many such are to be expected on this road: the known ones that pass outside the time in question, times the
 * share of those that nobody tracks. Pure; the answer's probabilities are 1 together, most probable first.
 */
export function weigh({ sightings, suspects, elsewhere, unknownShare, read }: Weighing): Weighed[] {
  const perSecond = unknownPerSecond(sightings, suspects, unknownShare, read)
  const others = elsewhere.filter(({ vehicle }) => !suspects.some((suspect) => suspect.vehicle === vehicle))
  const fits = suspects.map((suspect) => sightings.map((sighting) => fitOf(suspect, sighting)))
  const unknown = sightings.map((sighting) => perSecond * certainDensity(sighting))
  const shares = assign(
    [
      ...suspects.map((suspect, v) =>
        sightings.map((sighting, s) => ((fits[v]?.[s]?.density ?? 0) + contrary(sighting, unknown[s])) * plateEvidence(suspect.plate, sighting.plates)),
      ),
      ...others.map(({ plate }) => sightings.map((sighting, s) => contrary(sighting, unknown[s]) * plateEvidence(plate, sighting.plates))),
    ],
    unknown,
  )
  const did = (row: readonly number[] | undefined, factor: number): number => sightings.reduce((sum, { share }, s) => sum + share * (row?.[s] ?? 0), 0) * factor
  const rows = suspects.map(
    (suspect, v): Row => ({ ...rowOf(suspect, sightings, fits[v] ?? [], shares.vehicles[v] ?? []), weight: did(shares.vehicles[v], stateEvidence(suspect.state)) }),
  )
  others.forEach(({ vehicle, plate }, i) => {
    rows.push({ vehicle, plate, weight: did(shares.vehicles[suspects.length + i], 1), distanceM: null, when: null, why: ['plate', 'plate_elsewhere'] })
  })
  return ranked(rows, did(shares.unknown, 1))
}

/** One whose plate was read while its terminal says that it was elsewhere is one of those that nobody tracks, and a very special one. */
function contrary({ plates }: Sighting, unknown = 0): number {
  return plates.length === 0 ? 0 : unknown * ELSEWHERE
}

type Row = Omit<Weighed, 'probability' | 'vehicle'> & { vehicle: string; weight: number }

function ranked(rows: readonly Row[], nobody: number): Weighed[] {
  const total = rows.reduce((sum, { weight }) => sum + weight, nobody)
  const shown = rows
    .map(({ weight, ...row }) => ({ ...row, probability: ((1 - DOUBT) * weight) / total }))
    .filter(({ probability }) => probability >= LEAST)
    .sort((a, b) => b.probability - a.probability || (a.vehicle < b.vehicle ? -1 : 1))
    .slice(0, MOST_ROWS)
  const rest = shown.reduce((left, { probability }) => left - probability, 1)
  const unknown: Weighed = { vehicle: null, plate: null, probability: Math.max(0, rest), distanceM: null, when: null, why: ['no_terminal'] }
  return [...shown, unknown].sort((a, b) => b.probability - a.probability)
}

/** What is told of a suspect: of the sighting that it most probably was. */
function rowOf(suspect: Suspect, sightings: readonly Sighting[], fits: readonly (Fit | undefined)[], shares: readonly number[]): Omit<Row, 'weight'> {
  const best = shares.reduce((top, share, s) => (share > (shares[top] ?? 0) ? s : top), 0)
  const [fit, sighting] = [fits[best], sightings[best]]
  const { vehicle, plate } = suspect
  if (!fit || !sighting) return { vehicle, plate, distanceM: null, when: null, why: [] }
  return { vehicle, plate, distanceM: Math.round(fit.distanceM), when: Math.round(fit.at), why: reasons(suspect, sighting, fit) }
}

/** How many vehicles that nobody tracks are to be expected here per second: by those that are tracked and pass outside the time in question. */
function unknownPerSecond(sightings: readonly Sighting[], suspects: readonly Suspect[], share: number, read: Weighing['read']): number {
  const [from, to] = [Math.min(...sightings.map((each) => each.from)), Math.max(...sightings.map((each) => each.to))]
  const place = sightings[0]?.place ?? { x: 0, y: 0 }
  let passes = BUSY.passes
  for (const suspect of suspects) passes += passesOf(suspect, place, read.from, from) + passesOf(suspect, place, to, read.to)
  const seconds = BUSY.seconds + (Math.max(0, from - read.from) + Math.max(0, read.to - to)) / SECOND
  return (passes / seconds) * (share / (1 - share))
}

/** Weak evidence: who spills is more often loaded and open than who passes by. */
function stateEvidence({ load, lid, bed }: VehicleState): number {
  const byLoad = load === null ? 1 : { empty: 0.4, half: 1.1, full: 1.3 }[load]
  const byLid = lid === null ? 1 : { open: 1.8, closed: 0.8 }[lid]
  return byLoad * byLid * (bed === 'raised' ? 2 : 1)
}

function reasons({ plate, state, skewSdMs }: Suspect, { plates, headingDeg }: Sighting, { distanceM, gapMs }: Fit): ReasonWhy[] {
  const read = plates.some((reading) => isAlike(plate, reading))
  const why: [boolean, ReasonWhy][] = [
    [read, 'plate'],
    [read && distanceM > ELSEWHERE_M, 'plate_elsewhere'],
    [distanceM <= NEAR_M, 'passed'],
    [distanceM > NEAR_M, 'near'],
    [headingDeg !== null && distanceM <= NEAR_M, 'direction'],
    [state.load === 'full' || state.load === 'half', 'loaded'],
    [state.load === 'empty', 'empty'],
    [state.lid === 'open', 'lid_open'],
    [state.bed === 'raised', 'bed_raised'],
    [gapMs > LONG_GAP_MS, 'gap'],
    [skewSdMs > 2 * SECOND, 'clock_uncertain'],
  ]
  return why.flatMap(([holds, word]) => (holds ? [word] : []))
}
