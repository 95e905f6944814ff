/** A camera whose newest frame waits for the model. Times in ms of the wall clock. */
export interface Waiting {
  /** When its last look was; before the first: when it began. */
  last: number
  /** Longest allowed time between two looks. */
  every: number
  /** How much sooner it is served while there is time to spare: 1 … 4. */
  weight: number
}

/**
 * Which of the waiting is served next: its index, -1 if none waits.
 *
 * 1. Some are past their interval: of these, who waits longest for its weight. A camera that is past it keeps its place
 *    while the others' places move away with every look that they get, so that none starves.
 * 2. Serving anybody but the most urgent would make one late: earliest deadline first, which keeps every interval that can be kept.
 * 3. There is time to spare: who would be due first if intervals were shorter by their weight.
 */
export function choose(waiting: readonly Waiting[], now: number, costMs: number): number {
  let overdue = -1
  let urgent = -1
  let preferred = -1
  for (let i = 0; i < waiting.length; i++) {
    const each = waiting[i] as Waiting
    if (preferred < 0 || wishOf(each) < wishOf(waiting[preferred] as Waiting)) preferred = i
    if (urgent < 0 || dueOf(each) < dueOf(waiting[urgent] as Waiting)) urgent = i
    if (dueOf(each) <= now && (overdue < 0 || wishOf(each) < wishOf(waiting[overdue] as Waiting))) overdue = i
  }
  if (overdue >= 0) return overdue
  return preferred === urgent || isSafe(waiting, preferred, now, costMs) ? preferred : urgent
}

/** Whether all others would still be in time, one after another by their deadlines, if this one came first. */
function isSafe(waiting: readonly Waiting[], first: number, now: number, costMs: number): boolean {
  const others = waiting
    .filter((_, index) => index !== first)
    .map(dueOf)
    .sort((a, b) => a - b)
  return others.every((due, index) => now + costMs * (index + 2) <= due)
}

function dueOf({ last, every }: Waiting): number {
  return last + every
}

function wishOf({ last, every, weight }: Waiting): number {
  return last + every / weight
}
