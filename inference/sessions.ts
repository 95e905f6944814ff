import { findModel, findReader, type ModelFile, type ReaderFile } from './models/manifest.ts'
import type { Device } from './onnx.ts'
import type { Reading } from './reader.ts'
import { Session } from './session.ts'
import type { Backoff } from './sources/backoff.ts'
import { type Crew, Turns } from './turns.ts'

/** A detector that somebody uses. */
export interface Loaded {
  file: ModelFile
  session: Session
}
/** A reader that somebody uses. */
export interface LoadedReader {
  file: ReaderFile
  session: Session<{ reading: Reading }>
}

export interface SessionsOptions {
  /** Folders with model manifests and their files; the first that has an id wins. */
  folders: readonly string[]
  crew: Crew
  device?: Device
  /** Frames that wait are run together, at most so many. */
  batch?: number
  backoff?(): Backoff
  onRestart?(model: string, why: string): void
  /** The model does not run where it was asked to. */
  onFallback?(model: string, why: string): void
  /** The model gave equal scores for so many differing pictures: it sees nothing; 0: it has come back to life. */
  onStill?(model: string, pictures: number): void
  /** For tests: a worker that breaks on purpose. */
  worker?: URL
}

interface Entry {
  loading: Promise<Loaded | LoadedReader>
  users: number
}

/** One session per model, shared by its cameras, from the first that asks to the last that lets go. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #turns: Turns
  readonly #loaded = new Map<string, Entry>()

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#turns = new Turns(options.crew.turns)
  }

  /** Calls `use` with the detector of this id. Throws `model.invalid` when there is none that can be used. */
  async use<T>(id: string, use: (loaded: Loaded) => Promise<T>): Promise<T> {
    return await this.#hold(`detector ${id}`, () => findModel(id, this.#options.folders), use as (loaded: Loaded | LoadedReader) => Promise<T>)
  }

  /** Calls `use` with the reader of this id. Throws `model.invalid` when there is none that can be used. */
  async withReader<T>(id: string, use: (loaded: LoadedReader) => Promise<T>): Promise<T> {
    return await this.#hold(`reader ${id}`, () => findReader(id, this.#options.folders), use as (loaded: Loaded | LoadedReader) => Promise<T>)
  }

  async #hold<T>(key: string, find: () => Promise<ModelFile | ReaderFile>, use: (loaded: Loaded | LoadedReader) => Promise<T>): Promise<T> {
    const entry = this.#loaded.get(key) ?? { loading: find().then((file) => this.#open(file)), users: 0 }
    this.#loaded.set(key, entry)
    entry.users++
    try {
      return await use(await entry.loading)
    } finally {
      if (--entry.users === 0) {
        this.#loaded.delete(key)
        const { session } = await entry.loading.catch(() => ({ session: undefined }))
        await session?.close()
      }
    }
  }

  #open(file: ModelFile | ReaderFile): Loaded | LoadedReader {
    const { crew, device, batch, backoff, worker, onRestart, onFallback, onStill } = this.#options
    const { id } = file.manifest
    const session = new Session({
      file,
      threads: crew.threads,
      workers: crew.workers,
      turns: this.#turns,
      ...(device && { device }),
      ...(batch && { batch }),
      ...(backoff && { backoff }),
      ...(worker && { worker }),
      onRestart: (why) => onRestart?.(id, why),
      onFallback: (why) => onFallback?.(id, why),
      onStill: (pictures) => onStill?.(id, pictures),
    })
    return { file, session } as Loaded | LoadedReader
  }
}
