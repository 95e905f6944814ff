import type { AuthErrorCode, AuthenticateError, Client } from 'aedes'
import { type BrokerCounters, count, type Refusal } from './counters.ts'

/** Why a CONNECT is refused, or a publish gets no PUBACK, for which MQTT 3.1.1 has no other word than to close the connection. */
export class TurnedAway extends Error {}

/** MQTT 3.1.1, table 3.1; everything else is 5, not authorized. */
const RETURN_CODES: Partial<Record<Refusal, number>> = { client_id: 2, unavailable: 3, credentials: 4 }
/** Errors of aedes that are not about the protocol. */
const WORDS_OF_AEDES: Readonly<Record<string, Refusal>> = {
  'connect did not arrive in time': 'timeout',
  'keep alive limit exceeded': 'keepalive',
  'keep alive timeout': 'keepalive',
  'identifier rejected': 'client_id',
  'drain timeout': 'slow',
}

/** What the broker has refused: whoever is sent away is counted once, and under the reason. */
export class Refusals {
  readonly #counts: BrokerCounters['refused'] = {}
  readonly #broke = new WeakSet<Client>()

  counts(): BrokerCounters['refused'] {
    return { ...this.#counts }
  }

  count(refusal: Refusal): void {
    count(this.#counts, refusal)
  }

  /** Counts it, and gives the answer to a CONNECT. */
  refuse(refusal: Refusal): AuthenticateError {
    this.count(refusal)
    return refusalOf(refusal)
  }

  /** Whom aedes sends away by itself; what it says again while the connection ends is the same refusal. */
  broke(client: Client, error: Error & { code?: string }): void {
    const known = WORDS_OF_AEDES[error.message]
    // Our own refusals come by here too and are counted where they are made; a connection that was cut says nothing of the protocol.
    if (error instanceof TurnedAway || (known === undefined && (client.closed || error.code !== undefined)) || this.#broke.has(client)) return
    this.#broke.add(client)
    this.count(known ?? 'protocol')
  }
}

/** The answer to a CONNECT, not counted. */
export function refusalOf(refusal: Refusal): AuthenticateError {
  return Object.assign(new TurnedAway(`refused: ${refusal}`), { returnCode: (RETURN_CODES[refusal] ?? 5) as AuthErrorCode })
}
