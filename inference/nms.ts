/** What a head found, in pixels of the model's input: corners, score 0–1, index of the class. */
export interface Candidate {
  x1: number
  y1: number
  x2: number
  y2: number
  score: number
  cls: number
}

/**
 * Keeps the strongest of boxes of one class that overlap by more than `iou`; at most `max`, strongest first.
 * Equal scores keep the order of the head, so that the same picture gives the same boxes.
 */
export function suppress(candidates: readonly Candidate[], iou: number, max: number): Candidate[] {
  const kept: Candidate[] = []
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score)) {
    if (kept.some((other) => other.cls === candidate.cls && overlapOf(other, candidate) > iou)) continue
    kept.push(candidate)
    if (kept.length === max) break
  }
  return kept
}

function overlapOf(a: Candidate, b: Candidate): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1)
  if (width <= 0 || height <= 0) return 0
  const common = width * height
  return common / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - common)
}
