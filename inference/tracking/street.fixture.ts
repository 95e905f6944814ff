import type { Box } from '../../domain/observation.ts'
import { Random } from '../../fixtures/city/random.ts'
import { assign } from './assignment.ts'
import type { Seen } from './track.ts'

/** One thing of a generated street: where it is at a second, or nowhere. What stands lower in the picture is nearer. */
interface Actor {
  id: string
  label: string
  /** Seconds in which it stands still, for which its name must not change. */
  parked: boolean
  box(second: number): Box | null
}

export interface Sighting extends Seen {
  /** Which thing it really is; null: the detector sees what is not there. */
  truth: string | null
}

export interface Street {
  looks: { at: number; sightings: Sighting[] }[]
  parked: ReadonlySet<string>
}

/** What share of a box is seen when these stand before it, and which part of its width that is. */
function visible([x, y, w, h]: Box, before: readonly Box[]): { share: number; left: number; right: number } {
  let [left, right] = [x, x + w]
  let covered = 0
  for (const [bx, by, bw, bh] of before) {
    const [wide, high] = [Math.min(x + w, bx + bw) - Math.max(x, bx), Math.min(y + h, by + bh) - Math.max(y, by)]
    if (wide <= 0 || high <= 0) continue
    covered = Math.max(covered, (wide * high) / (w * h))
    if (high / h < 0.6) continue
    if (bx <= left) left = Math.max(left, Math.min(right, bx + bw))
    else if (bx + bw >= right) right = Math.min(right, Math.max(left, bx))
  }
  return { share: 1 - covered, left, right }
}

/** Parked cars behind two lanes of traffic, a bus that stops before them, people on the pavement; all by the seed. */
function actorsOf(random: Random, seconds: number): Actor[] {
  const actors: Actor[] = []
  const kerb = 2 + random.int(3)
  for (let i = 0; i < kerb; i++) {
    const box: Box = [0.12 + (0.76 / kerb) * i + random.between(0, 0.05), 0.42, random.between(0.1, 0.13), random.between(0.1, 0.12)]
    actors.push({ id: `parked-${i}`, label: random.pick(['car', 'car', 'truck']), parked: true, box: () => box })
  }
  for (const [lane, way] of [
    [0.62, 1],
    [0.74, -1],
  ] as const) {
    // Nobody overtakes: who drives in a lane drives as fast as the others.
    const speed = random.between(0.07, 0.22)
    let from = random.between(0, 6)
    for (let n = 0; from < seconds; n++, from += random.between(0.22, 0.8) / speed) {
      const [w, begins] = [random.between(0.12, 0.16), from]
      actors.push({
        id: `lane-${lane}-${n}`,
        label: random.pick(['car', 'car', 'car', 'truck']),
        parked: false,
        box: (second) => {
          const way0 = (second - begins) * speed - w
          return second < begins || way0 > 1 ? null : [way > 0 ? way0 : 1 - w - way0, lane - 0.14, w, 0.14]
        },
      })
    }
  }
  const [arrives, stays, bay] = [random.between(8, 25), random.between(2, 14), random.between(0.25, 0.5)]
  actors.push({
    id: 'bus',
    label: 'bus',
    parked: false,
    box: (second) => {
      const t = second - arrives
      const way = t < 0 ? -0.4 + 0.15 * (t + 4) : t < stays ? 0.2 : 0.2 + 0.15 * (t - stays)
      const x = way - 0.2 + bay
      return x > 1 || x < -0.4 ? null : [x, 0.28, 0.4, 0.3]
    },
  })
  for (let i = 0; i < 3; i++) {
    const [start, speed, x0] = [random.between(0, seconds / 2), random.between(0.015, 0.04), random.between(0, 0.4)]
    actors.push({ id: `person-${i}`, label: 'person', parked: false, box: (second) => (second < start ? null : [x0 + (second - start) * speed, 0.8 - i * 0.03, 0.03, 0.12]) })
  }
  return actors
}

/** Looks at a street at `fps` (uneven: each gap is half to one and a half times as long) with what a fair detector makes of it. */
export function streetOf(seed: string, { fps, uneven = false, seconds = 60 }: { fps: number; uneven?: boolean; seconds?: number }): Street {
  const random = new Random(seed)
  const actors = actorsOf(random.fork('actors'), seconds)
  const noise = random.fork('noise')
  const looks: Street['looks'] = []
  for (let second = 0; second < seconds; second += (uneven ? noise.between(0.5, 1.5) : 1) / fps) {
    const there = actors.flatMap(({ id, label, box }) => {
      const now = box(second)
      return now && now[0] + now[2] > 0 && now[0] < 1 ? [{ id, label, box: now }] : []
    })
    const sightings = there.flatMap((one) =>
      sightingOf(
        one,
        there.filter(({ box }) => box[1] + box[3] > one.box[1] + one.box[3]).map(({ box }) => box),
        noise,
      ),
    )
    if (noise.chance(0.05)) sightings.push({ truth: null, label: 'car', score: noise.between(0.1, 0.4), box: [noise.between(0, 0.9), noise.between(0.2, 0.8), 0.08, 0.08] })
    looks.push({ at: Math.round(second * 1000), sightings: noise.shuffled(sightings) })
  }
  return { looks, parked: new Set(actors.filter(({ parked }) => parked).map(({ id }) => id)) }
}

function sightingOf({ id, label, box }: { id: string; label: string; box: Box }, before: readonly Box[], noise: Random): Sighting[] {
  const { share, left, right } = visible(box, before)
  if (share < 0.35 || right - left < 0.3 * box[2] || noise.chance(0.06)) return []
  const tremble = (size: number): number => noise.gauss() * 0.03 * size
  const [x, w] = [Math.max(0, left), Math.min(1, right) - Math.max(0, left)]
  if (w < 0.02) return []
  const score = Math.min(0.95, Math.max(0.1, 0.25 + 0.5 * share + 0.15 * noise.gauss()))
  const flips = ['car', 'truck'].includes(label) && noise.chance(0.1)
  return [
    {
      truth: id,
      label: flips ? (label === 'car' ? 'truck' : 'car') : label,
      score,
      box: [x + tremble(w), box[1] + tremble(box[3]), w * (1 + 0.03 * noise.gauss()), box[3] * (1 + 0.03 * noise.gauss())],
    },
  ]
}

export interface Tally {
  /** Sightings of real things. */
  sightings: number
  /** Times that a thing bore another name than at its sight before. */
  switches: number
  /** The same, of parked things only. */
  parkedSwitches: number
  /** 1 − switches ÷ sightings: MOTA where the detector's misses, which are the same for all trackers, are left out. */
  mota: number
  /** Share of sightings and names that agree under the best pairing of things with names. */
  idf1: number
}

/** Plays the street to a tracker and counts. */
export function tallyOf({ looks, parked }: Street, update: (at: number, seen: readonly Sighting[]) => string[]): Tally {
  const [last, together] = [new Map<string, string>(), new Map<string, Map<string, number>>()]
  let [sightings, named, switches, parkedSwitches] = [0, 0, 0, 0]
  for (const look of looks) {
    const names = update(look.at, look.sightings)
    for (const [i, { truth }] of look.sightings.entries()) {
      named++
      if (truth === null) continue
      sightings++
      const name = names[i] as string
      if (last.has(truth) && last.get(truth) !== name) {
        switches++
        if (parked.has(truth)) parkedSwitches++
      }
      last.set(truth, name)
      const counts = together.get(truth) ?? new Map<string, number>()
      together.set(truth, counts.set(name, (counts.get(name) ?? 0) + 1))
    }
  }
  return { sightings, switches, parkedSwitches, mota: 1 - switches / sightings, idf1: (2 * agreed(together)) / (sightings + named) }
}

function agreed(together: ReadonlyMap<string, ReadonlyMap<string, number>>): number {
  const counts = [...together.values()]
  const names = [...new Set(counts.flatMap((each) => [...each.keys()]))]
  const worth = (row: number, column: number): number => counts[row]?.get(names[column] as string) ?? 0
  return assign(counts.length, names.length, worth).reduce((sum, column, row) => sum + (column < 0 ? 0 : worth(row, column)), 0)
}
