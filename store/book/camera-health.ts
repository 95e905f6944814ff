import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** What is remembered of a camera's health over a restart: text that only its maker reads. */
export interface CameraMemory {
  camera: string
  memory: string
}

/** Rows of one statement. */
const BATCH = 500

export function cameraHealthTable(db: Kysely<Schema>) {
  return {
    all: (): Promise<CameraMemory[]> => db.selectFrom('cameraHealth').selectAll().execute(),

    /** Replaces what was remembered of these cameras, each named once. */
    async put(memories: readonly CameraMemory[]): Promise<void> {
      for (let start = 0; start < memories.length; start += BATCH) {
        await db
          .insertInto('cameraHealth')
          .values(memories.slice(start, start + BATCH))
          .onConflict((conflict) => conflict.column('camera').doUpdateSet(({ ref }) => ({ memory: ref('excluded.memory') })))
          .execute()
      }
    },
  }
}
