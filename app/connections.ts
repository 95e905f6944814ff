import { roleAtLeast } from '../domain/role.ts'
import type { Credentials, Identity, Ingest } from '../ingest/ingest.ts'
import type { AccessStore } from '../store/access/access.ts'

/** Who is connected over MQTT: gateways with their password, consumers with an API token. */
export interface Connections {
  authenticate(credentials: Credentials): Promise<Identity>
  /** Sends those away whose password or token was taken back. */
  recheck(ingest: Pick<Ingest, 'disconnect'>): Promise<void>
}

const MOST_REMEMBERED = 20_000

export function createConnections({ access }: Pick<AccessStore, 'access'>): Connections {
  /** How each client came in, to ask again. A client that went away costs one needless question. */
  const came = new Map<string, Credentials>()

  async function identify({ clientId, username, password }: Credentials): Promise<Identity> {
    if (password === undefined) return null
    if (clientId === username && (await access.gateway(username, password))) return { kind: 'gateway' }
    const principal = await access.token(password)
    return principal && roleAtLeast(principal.role, 'viewer') ? { kind: 'consumer', area: principal.area } : null
  }

  async function recheck(ingest: Pick<Ingest, 'disconnect'>): Promise<void> {
    for (const [clientId, credentials] of came) {
      if (await identify(credentials).catch(() => null)) continue
      came.delete(clientId)
      ingest.disconnect(clientId)
    }
  }

  return {
    authenticate: async (credentials) => {
      const identity = await identify(credentials)
      if (!identity) return null
      if (came.size >= MOST_REMEMBERED) came.delete(came.keys().next().value ?? '')
      came.set(credentials.clientId, credentials)
      return identity
    },
    recheck,
  }
}
