import { DAY, type Instant } from '../domain/time.ts'
import { type Accepted, type Refused, refuse } from './accept.ts'
import type { Dedupe } from './dedupe.ts'
import { fingerprint, type KeyedMessage } from './key.ts'
import type { Ledger } from './ledger.ts'
import type { Limits } from './limits.ts'

export type Judgement = { result: 'kept' } | { result: 'duplicate' } | Refused

const KEPT: Judgement = { result: 'kept' }
const DUPLICATE: Judgement = { result: 'duplicate' }

/**
 * Whose a well-formed observation is and whether it is new. Judgements of one batch see each other; they hold when
 * the batch is committed (`settle`) and are as if they had never been when it is not (`undo`).
 */
export class Judge {
  readonly #ledger: Ledger
  readonly #dedupe: Dedupe
  readonly #tooOldDays: number
  #news: (() => void)[] = []

  /** `tooOldDays`: an observation that happened longer before its receipt is refused. */
  constructor(ledger: Ledger, dedupe: Dedupe, { tooOldDays }: Pick<Limits, 'tooOldDays'>) {
    this.#ledger = ledger
    this.#dedupe = dedupe
    this.#tooOldDays = tooOldDays
  }

  judge(message: Accepted, receivedAt: Instant): Judgement {
    const judgement = this.#decide(message, receivedAt)
    const { device, gateway, at } = message
    if (judgement === KEPT) this.#news.push(() => this.#ledger.kept(device, at, receivedAt))
    else if (judgement === DUPLICATE) this.#news.push(() => this.#ledger.duplicate(device, receivedAt))
    else this.#news.push(() => this.#ledger.rejected(device, gateway, receivedAt))
    return judgement
  }

  /** Notes a message that was refused for its form. */
  malformed(device: string, gateway: string, receivedAt: Instant): void {
    this.#news.push(() => this.#ledger.rejected(device, gateway, receivedAt))
  }

  /** Takes up an observation that is in the journal already, after a restart; call `settle` after it. */
  remember(message: KeyedMessage & { gateway: string }, receivedAt: Instant): void {
    const { device, gateway, at, payload } = message
    this.#ledger.adopt(device, gateway, receivedAt)
    this.#dedupe.decide(fingerprint(message), this.#ledger.unseen(device, payload, { at, receivedAt }))
    this.#ledger.kept(device, at, receivedAt)
  }

  settle(receivedAt: Instant): void {
    this.#ledger.settle()
    this.#dedupe.settle(receivedAt)
    for (const tell of this.#news) tell()
    this.#news = []
  }

  undo(): void {
    this.#dedupe.undo()
    this.#ledger.undo()
    this.#news = []
  }

  #decide(message: Accepted, receivedAt: Instant): Judgement {
    const { device, gateway, at, payload } = message
    if (at < receivedAt - this.#tooOldDays * DAY) return refuse('time.too_old', `the observation is older than ${this.#tooOldDays} days`)
    const claim = this.#ledger.claim(device, gateway, receivedAt)
    if (claim === 'not_yours') return refuse('device.not_yours', `another gateway reports ${device}`)
    if (claim === 'too_many_new') return refuse('device.too_many_new')
    const unseen = this.#ledger.unseen(device, payload, { at, receivedAt })
    switch (this.#dedupe.decide(fingerprint(message), unseen)) {
      case 'new':
        return KEPT
      case 'duplicate':
        return DUPLICATE
      case 'conflict':
        return refuse('dedupe.conflict', 'the same key came before with other content')
    }
  }
}
