/** A text with the certainty of each of its characters, 0–1. */
export interface Spelling {
  text: string
  certainties: number[]
}

/**
 * Reads the output of a network trained with connectionist temporal classification: at each place the most certain
 * character; repeated ones are one, blanks part them. `values`: places × (characters + blank), as shares or before the softmax.
 */
export function spell(values: Float32Array, places: number, characters: readonly string[], blank: number): Spelling {
  const width = values.length / places
  const spelling: Spelling = { text: '', certainties: [] }
  let before = blank
  for (let place = 0; place < places; place++) {
    const row = values.subarray(place * width, (place + 1) * width)
    const best = greatest(row)
    if (best !== blank) {
      const certainty = shareOf(row, best)
      const last = spelling.certainties.length - 1
      if (best === before) spelling.certainties[last] = Math.max(spelling.certainties[last] as number, certainty)
      else {
        spelling.text += characters[best < blank ? best : best - 1] ?? ''
        spelling.certainties.push(certainty)
      }
    }
    before = best
  }
  return spelling
}

export function greatest(row: Float32Array): number {
  let best = 0
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i
  return best
}

/** Share that one value has of a row: as it stands where the row holds shares, else by the softmax. */
export function shareOf(row: Float32Array, index: number): number {
  let [sum, least] = [0, Infinity]
  for (const value of row) {
    sum += value
    least = Math.min(least, value)
  }
  const chosen = row[index] as number
  if (least >= 0 && Math.abs(sum - 1) < 0.01) return chosen
  let weights = 0
  for (const value of row) weights += Math.exp(value - chosen)
  return 1 / weights
}
