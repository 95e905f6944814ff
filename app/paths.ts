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
  clips: string
  evidenceKey: string
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
    clips: join(data, 'clips'),
    evidenceKey: join(data, 'evidence-key.pem'),
    demo: join(data, 'demo'),
  }
}
