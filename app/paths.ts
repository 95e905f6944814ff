import { join } from 'node:path'

/** What lies where in the data folder. */
export interface DataPaths {
  journal: string
  history: string
  snapshots: string
  book: string
  access: string
  evidence: string
  stills: string
  demo: string
}

export function dataPaths(data: string): DataPaths {
  return {
    journal: join(data, 'journal'),
    history: join(data, 'history.db'),
    snapshots: join(data, 'snapshots.db'),
    book: join(data, 'book.db'),
    access: join(data, 'access.db'),
    evidence: join(data, 'evidence'),
    stills: join(data, 'stills'),
    demo: join(data, 'demo'),
  }
}
