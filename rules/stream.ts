import { map, type OperatorFunction } from 'rxjs'
import type { Digest } from '../domain/projection.ts'
import type { JournalRecord } from '../domain/record.ts'
import type { Engine } from './engine.ts'

/** The engine as a stage of a stream: batches of consecutive records in, digests out. Batches are never empty. */
export function digests(engine: Engine): OperatorFunction<readonly JournalRecord[], Digest> {
  return map((records) => ({ entries: engine.step(records), through: engine.state.offset }))
}
