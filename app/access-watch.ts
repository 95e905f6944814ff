import type { AccessStore } from '../store/access/access.ts'

/** Commands reach a running platform within a second (contract.md): a quarter of it for the look, the rest for what follows. */
const EVERY_MS = 250

/** Does `changed` whenever another process has changed access.db since this was called; the answer stops it. */
export function watchAccess(store: Pick<AccessStore, 'version'>, changed: () => void): () => void {
  let version = store.version()
  const timer = setInterval(() => {
    const now = store.version()
    if (now === version) return
    version = now
    changed()
  }, EVERY_MS)
  return () => clearInterval(timer)
}
