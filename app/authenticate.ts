import type { Access } from '../domain/ports/access.ts'
import { roleAtLeast } from '../domain/role.ts'
import type { Ingest, IngestOptions } from '../ingest/ingest.ts'
import type { AccessStore } from '../store/access/access.ts'

/** Who may connect over MQTT: a gateway with its password, or a consumer with an API token. */
export function authenticator(access: Access): IngestOptions['authenticate'] {
  return async ({ clientId, username, password }) => {
    if (clientId === username && (await access.gateway(username, password))) return { kind: 'gateway' }
    const principal = await access.token(password)
    return principal && roleAtLeast(principal.role, 'viewer') ? { kind: 'consumer', area: principal.area } : null
  }
}

const EVERY_MS = 1000

/** Another process took a password or token back: whoever is connected must come in again. */
export function watchWithdrawals(store: AccessStore, ingest: Ingest): () => void {
  let version = store.version()
  const timer = setInterval(() => {
    const now = store.version()
    if (now === version) return
    version = now
    const gateways = new Set(store.keys.gateways().map(({ id }) => id))
    for (const client of ingest.clients()) if (client.kind === 'consumer' || !gateways.has(client.id)) ingest.disconnect(client.id)
  }, EVERY_MS)
  return () => clearInterval(timer)
}
