import type { Reading } from '../reader.ts'

/** One look at a plate. */
export interface PlateLook {
  reading: Reading
  /** It is large and sharp enough that a clean plate would be read. */
  clear: boolean
}

/** What many looks at one plate have come to. */
export interface Plate {
  text: string
  /** Share of the votes that the closest of its characters won, 0–1. */
  certainty: number
  colour: string | null
}

/** From which confidence a reading is meant, and of which form a text must be to be believed. */
export interface Belief {
  score: number
  pattern: RegExp | null
}

/** A plate at which so many clear looks failed is hidden. */
const HIDDEN_LOOKS = 5
/** What is read with less is a guess and votes for nothing. */
const GUESS = 0.5
/** The closest character must have won so large a share. */
const MAJORITY = 0.6
/** With so many good readings nothing is left to be found out. */
const SETTLED = 3

/**
 * The votes of one plate's looks, weighted by their confidence: character by character among readings of one length, so that
 * a different slip in each look is outvoted.
 */
export class PlateVotes {
  readonly #belief: Belief
  /** By length, weight of each character at each place. */
  readonly #lengths = new Map<number, { weight: number; places: Map<string, number>[] }>()
  readonly #colours = new Map<string, number>()
  #good = 0
  #failed = 0

  constructor(belief: Belief) {
    this.#belief = belief
  }

  add({ reading, clear }: PlateLook): void {
    const confidence = this.#confidence(reading)
    if (confidence >= this.#belief.score) this.#good++
    else if (clear) this.#failed++
    if (confidence < GUESS) return
    this.#count(Array.from(reading.text), confidence)
    if (reading.colour) add(this.#colours, reading.colour.name, reading.colour.certainty * confidence)
  }

  /** The plate, or null while no text has both enough weight and a clear lead. */
  plate(): Plate | null {
    const [length] = [...this.#lengths.values()].toSorted((a, b) => b.weight - a.weight)
    if (!length || length.weight < this.#belief.score) return null
    const winners = length.places.map((votes) => most(votes))
    const certainty = Math.min(...winners.map(({ share }) => share))
    const text = winners.map(({ name }) => name).join('')
    if (certainty < MAJORITY || !this.#believed(text)) return null
    return { text, certainty, colour: this.#colours.size === 0 ? null : most(this.#colours).name }
  }

  /** Nothing more is to be found out by reading it again. */
  get settled(): boolean {
    return this.#good >= SETTLED && this.plate() !== null
  }

  /** Clear looks show a plate, and none could read it. */
  get hidden(): boolean {
    return this.#failed >= HIDDEN_LOOKS && this.#good === 0 && this.plate() === null
  }

  /** A text is as certain as its least certain character; one of another form is not believed at all. */
  #confidence({ text, certainties }: Reading): number {
    return text === '' || !this.#believed(text) ? 0 : Math.min(...certainties)
  }

  #believed(text: string): boolean {
    return this.#belief.pattern?.test(text) ?? true
  }

  #count(characters: readonly string[], confidence: number): void {
    const length = this.#lengths.get(characters.length) ?? { weight: 0, places: characters.map(() => new Map<string, number>()) }
    this.#lengths.set(characters.length, length)
    length.weight += confidence
    characters.forEach((character, place) => {
      add(length.places[place] as Map<string, number>, character, confidence)
    })
  }
}

function add(votes: Map<string, number>, name: string, weight: number): void {
  votes.set(name, (votes.get(name) ?? 0) + weight)
}

function most(votes: ReadonlyMap<string, number>): { name: string; share: number } {
  let [name, weight, sum] = ['', -1, 0]
  for (const [each, votesOf] of votes) {
    sum += votesOf
    if (votesOf > weight) [name, weight] = [each, votesOf]
  }
  return { name, share: sum === 0 ? 0 : weight / sum }
}
