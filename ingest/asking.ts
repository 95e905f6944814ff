/** Questions to another thread that are waiting for their answers. */
export class Asking {
  readonly #waiting = new Map<number, (answer: never) => void>()
  #nextId = 1

  /** Posts a question with an id of its own; resolves with what `answered` is given for it. */
  ask<Answer>(post: (id: number) => void): Promise<Answer> {
    const id = this.#nextId++
    return new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve)
      post(id)
    })
  }

  answered(id: number, answer: unknown): void {
    this.#waiting.get(id)?.(answer as never)
    this.#waiting.delete(id)
  }
}
