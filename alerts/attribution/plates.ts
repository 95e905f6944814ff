/** How often a reader takes a character for another, and how often it reads something else altogether. */
const WRONG = 0.03
const ASTRAY = 0.005
/** So many plates there are for one character to be taken for. */
const LETTERS = 33
/** A plate that is read at random is a given one so seldom. */
const AT_RANDOM = 1e-6

/**
 * How much more probable these readings are if the plate is `plate` than if it is some other one. The readings are of one
 * look each and wrong together, so the best of them counts and the others add nothing.
 */
export function plateEvidence(plate: string | null, readings: readonly string[]): number {
  if (readings.length === 0) return 1
  if (plate === null) return 1
  return Math.max(...readings.map((reading) => ASTRAY + ((1 - ASTRAY) * likelihood(plate, reading)) / AT_RANDOM))
}

/** True when a reading is the plate, or one character away from it. */
export function isAlike(plate: string | null, reading: string): boolean {
  return plate !== null && differences(plate, reading) <= 1
}

function likelihood(plate: string, reading: string): number {
  const wrong = differences(plate, reading)
  return wrong === Infinity ? 0 : (1 - WRONG) ** (plate.length - wrong) * (WRONG / LETTERS) ** wrong
}

/** Characters that differ; texts of other lengths are other plates. */
function differences(a: string, b: string): number {
  const [one, two] = [plain(a), plain(b)]
  if (one.length !== two.length) return Infinity
  let count = 0
  for (let i = 0; i < one.length; i++) if (one[i] !== two[i]) count++
  return count
}

/** Plates are written with a point or a hyphen, or without. */
export function plain(plate: string): string {
  return plate.replace(/[\s·•.-]/g, '').toUpperCase()
}
