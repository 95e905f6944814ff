/** As long as a label may be. */
export const CAR = 'car'.repeat(21)

/** Legal, and as long as a condition may be. */
export const HEAVY_WHEN = conjunction(200)

function conjunction(terms: number): string {
  return terms === 1 ? 'label.matches("^(c|a|r)*$")' : `(${conjunction(Math.ceil(terms / 2))} && ${conjunction(Math.floor(terms / 2))})`
}

/** As many objects in as many zones as a scene may hold. */
export const CROWD = Array.from({ length: 300 }, (_, i) => ({ label: CAR, score: 0.9, box: [0.1, 0.1, 0.1, 0.1], track: `t${i}`, zones: Array.from({ length: 64 }, () => 'road') }))
