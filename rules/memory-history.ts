import { effectiveAt, type Observation } from '../domain/observation.ts'
import type { HistoryReader } from '../domain/ports/history.ts'

/** History of a scenario or a test: everything it was given, in memory. */
export class MemoryHistory implements HistoryReader {
  readonly #byDevice = new Map<string, Observation[]>()

  add(observation: Observation): void {
    const list = this.#byDevice.get(observation.device)
    if (list) list.push(observation)
    else this.#byDevice.set(observation.device, [observation])
  }

  read({ device, kind, from, to, before = Infinity, limit = Infinity }: Parameters<HistoryReader['read']>[0]): Observation[] {
    return (this.#byDevice.get(device) ?? [])
      .filter((each) => effectiveAt(each) >= from && effectiveAt(each) <= to && each.offset < before && (kind === undefined || each.kind === kind))
      .sort((a, b) => effectiveAt(a) - effectiveAt(b) || a.offset - b.offset)
      .slice(0, limit)
  }
}
