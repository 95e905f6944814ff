import { messageOf } from '../domain/errors.ts'
import type { Log } from './log.ts'

/** Named undoings, run in reverse order of opening; one that fails is logged and stops none of the others. */
export class Cleanups {
  readonly #steps: { name: string; undo: () => unknown }[] = []
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  push(name: string, undo: () => unknown): void {
    this.#steps.push({ name, undo })
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.undo()
      } catch (error) {
        this.#log.error({ step: step.name, why: messageOf(error) }, 'closing failed')
      }
    }
  }
}
