import { effectiveAt } from '../domain/observation.ts'
import { DAY, type Instant } from '../domain/time.ts'
import { type Accepted, type Refused, refuse } from './accept.ts'
import type { Dedupe } from './dedupe.ts'
import type { Fingerprints, KeyedMessage } from './key.ts'
import type { DeviceEntry, Ledger } from './ledger.ts'
import type { Limits } from './limits.ts'

export type Judgement = { result: 'kept' } | { result: 'duplicate' } | Refused

/** What a judge remembers by. */
export interface Memory {
  ledger: Ledger
  dedupe: Dedupe
  fingerprints: Fingerprints
}

const KEPT: Judgement = { result: 'kept' }
const DUPLICATE: Judgement = { result: 'duplicate' }

/**
 * Whose a well-formed observation is and whether it is new. Judgements of one batch see each other; they hold when
 * the batch is committed (`settle`) and are as if they had never been when it is not (`undo`).
 */
export class Judge {
  readonly #ledger: Ledger
  readonly #dedupe: Dedupe
  readonly #fingerprints: Fingerprints
  readonly #tooOldDays: number
  readonly #kept: { entry: DeviceEntry; at: Instant }[] = []
  /** What else the ledger hears of once the batch is committed. */
  readonly #news: (() => void)[] = []

  /** `tooOldDays`: an observation that happened longer before its receipt is refused. */
  constructor({ ledger, dedupe, fingerprints }: Memory, { tooOldDays }: Pick<Limits, 'tooOldDays'>) {
    this.#ledger = ledger
    this.#dedupe = dedupe
    this.#fingerprints = fingerprints
    this.#tooOldDays = tooOldDays
  }

  judge(message: Accepted, receivedAt: Instant): Judgement {
    const { device, gateway, at, payload } = message
    if (at < receivedAt - this.#tooOldDays * DAY) return this.#refuse(message, receivedAt, refuse('time.too_old', `the observation is older than ${this.#tooOldDays} days`))
    const entry = this.#ledger.claim(device, gateway, receivedAt)
    if (entry === 'not_yours') return refuse('device.not_yours', `another gateway reports ${device}`)
    if (entry === 'too_many_new') return refuse('device.too_many_new')
    const unseen = this.#ledger.unseen(entry, payload, { at, receivedAt })
    switch (this.#dedupe.decide(this.#fingerprints.of(message), unseen)) {
      case 'new':
        this.#kept.push({ entry, at })
        return KEPT
      case 'duplicate':
        this.#news.push(() => this.#ledger.duplicate(entry, receivedAt))
        return DUPLICATE
      case 'conflict':
        return this.#refuse(message, receivedAt, refuse('dedupe.conflict', 'the same key came before with other content'))
    }
  }

  /**
   * Whose a frame's camera is, and the event time that the frame is looked at with (S9). It is not in the journal, and a frame that
   * comes twice is for whoever looks at it to recognise.
   */
  frame(frame: { device: string; gateway: string; at: Instant }, receivedAt: Instant): { at: Instant } | Refused {
    const { device, gateway, at } = frame
    if (at < receivedAt - this.#tooOldDays * DAY) return refuse('time.too_old', `the frame is older than ${this.#tooOldDays} days`)
    const entry = this.#ledger.claim(device, gateway, receivedAt)
    if (entry === 'not_yours') return refuse('device.not_yours', `another gateway reports ${device}`)
    if (entry === 'too_many_new') return refuse('device.too_many_new')
    this.#kept.push({ entry, at })
    return { at: effectiveAt({ at, receivedAt }) }
  }

  /** Notes a message that was refused for its form. */
  malformed(device: string, gateway: string, receivedAt: Instant): void {
    this.#news.push(() => this.#ledger.rejected(device, gateway, receivedAt))
  }

  /** Takes up an observation that is in the journal already, after a restart; call `settle` after it. */
  remember(message: KeyedMessage & { gateway: string }, receivedAt: Instant): void {
    const { device, gateway, at, payload } = message
    const entry = this.#ledger.adopt(device, gateway, receivedAt)
    this.#dedupe.decide(this.#fingerprints.of(message), this.#ledger.unseen(entry, payload, { at, receivedAt }))
    this.#kept.push({ entry, at })
  }

  settle(receivedAt: Instant): void {
    this.#ledger.settle()
    this.#dedupe.settle(receivedAt)
    for (const { entry, at } of this.#kept) this.#ledger.kept(entry, at, receivedAt)
    for (const tell of this.#news) tell()
    this.#kept.length = this.#news.length = 0
  }

  undo(): void {
    this.#dedupe.undo()
    this.#ledger.undo()
    this.#kept.length = this.#news.length = 0
  }

  #refuse({ device, gateway }: Accepted, receivedAt: Instant, refused: Refused): Refused {
    this.malformed(device, gateway, receivedAt)
    return refused
  }
}
