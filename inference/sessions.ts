import { findModel, type ModelFile } from './models/manifest.ts'
import { Session } from './session.ts'

/** A model that somebody uses. */
export interface Loaded {
  file: ModelFile
  session: Session
}

/** One session per model, shared by its cameras, from the first that asks to the last that lets go. */
export class Sessions {
  readonly #folders: readonly string[]
  readonly #threads: number
  readonly #onRestart: (model: string, why: string) => void
  readonly #loaded = new Map<string, { loading: Promise<Loaded>; users: number }>()

  constructor(folders: readonly string[], threads: number, onRestart: (model: string, why: string) => void) {
    this.#folders = folders
    this.#threads = threads
    this.#onRestart = onRestart
  }

  /** Calls `use` with the model of this id. Throws `model.invalid` when there is none that can be used. */
  async use<T>(id: string, use: (loaded: Loaded) => Promise<T>): Promise<T> {
    const entry = this.#loaded.get(id) ?? { loading: this.#load(id), users: 0 }
    this.#loaded.set(id, entry)
    entry.users++
    try {
      return await use(await entry.loading)
    } finally {
      if (--entry.users === 0) {
        this.#loaded.delete(id)
        const { session } = await entry.loading.catch(() => ({ session: undefined }))
        await session?.close()
      }
    }
  }

  async #load(id: string): Promise<Loaded> {
    const file = await findModel(id, this.#folders)
    return { file, session: new Session({ file, threads: this.#threads, onRestart: (why) => this.#onRestart(id, why) }) }
  }
}
