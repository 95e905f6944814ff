import { messageOf } from '../domain/errors.ts'
import type { RejectNotice } from '../domain/gateway.ts'
import type { DeviceId, GatewayId, Offset } from '../domain/ids.ts'
import type { Kind } from '../domain/observation.ts'
import type { JournalWriter } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import { formatInstant, type Instant } from '../domain/time.ts'
import { parseFromTopic, topics } from '../domain/topics.ts'
import { type Accepted, accept, acceptObservation, type Refused, readTopic, refuse } from './accept.ts'
import { type BatchedMessage, BatchReader, FRAME, FRAME_NO_CAMERA, FRAME_NOT_JPEG, FRAME_TOO_MANY, PUBLISHED } from './batch.ts'
import { addCounters, count, type IntakeCounters, noIntake } from './counters.ts'
import type { Judge, Judgement } from './judge.ts'
import type { RejectRow } from './ledger-store.ts'
import { Throttle } from './throttle.ts'

/** An observation that the platform makes itself, for example a scene. It is judged like any other. */
export interface OwnObservation {
  kind: Kind
  device: string
  gateway: string
  payload: Record<string, unknown>
}

/** A reject on its way back to its gateway. */
export interface Notice {
  gateway: string
  notice: RejectNotice
}

export interface Failed {
  failed: string
}

/** What became of a batch that was committed: whom to tell of what was refused, and which of its messages are frames that may go on. */
export interface Settlement {
  notices: Notice[]
  frames: { index: number; at: Instant }[]
}

/** What waits to be committed, and whom to tell. `done` is called once, after the flush or after its failure. */
export type Job =
  | { job: 'messages'; buffer: ArrayBuffer; bytes: number; done: (outcome: Settlement | Failed) => void }
  | { job: 'observations'; messages: readonly OwnObservation[]; done: (outcome: { judgements: Judgement[] } | Failed) => void }
  | { job: 'controls'; controls: readonly Control[]; done: (outcome: { first: Offset; receivedAt: Instant } | Failed) => void }

/** What one commit gathers. */
interface Gathering {
  receivedAt: Instant
  drafts: Accepted[]
  controls: Control[]
  rejects: RejectRow[]
  notices: Notice[]
  tally: IntakeCounters
  /** Told after the commit, with the offset of its first record. */
  tell: ((first: Offset) => void)[]
}

const FRAME_FAULTS = { [FRAME_NOT_JPEG]: 'frame.not_jpeg', [FRAME_NO_CAMERA]: 'frame.no_camera', [FRAME_TOO_MANY]: 'limit.rate' } as const

/** Reject notices to one gateway in a second; the rest is only counted and stored. */
const NOTICES_PER_SECOND = 10

/**
 * The batch loop: everything that waits is judged, appended in one commit, and answered. Nothing is answered before
 * the commit is on disk (S17); if it fails, everything in it is as if it had never come.
 */
export class Intake {
  readonly #journal: JournalWriter
  readonly #judge: Judge
  readonly #noticeLimits = new Map<string, Throttle>()
  readonly #maxRejects: number
  readonly #decided: () => void
  #receivedAt: Instant = 0
  #rejects: RejectRow[] = []
  readonly counters: IntakeCounters = noIntake()

  /**
   * `decided` is called after each commit and each failure, before anybody is answered: whoever hears that something
   * was kept finds the head beyond it, and whoever is turned away finds out why.
   */
  constructor(journal: JournalWriter, judge: Judge, { maxRejects, decided }: { maxRejects: number; decided: () => void }) {
    this.#journal = journal
    this.#judge = judge
    this.#maxRejects = maxRejects
    this.#decided = decided
  }

  /** Commits all jobs together. `now` is the system clock; receivedAt never goes back even if it does. */
  commit(jobs: readonly Job[], now: Instant): void {
    const gathering: Gathering = {
      receivedAt: Math.max(this.#receivedAt, now),
      drafts: [],
      controls: [],
      rejects: [],
      notices: [],
      tally: noIntake(),
      tell: [],
    }
    for (const job of jobs) this.#gather(job, gathering)
    let first: Offset
    try {
      ;({ first, receivedAt: this.#receivedAt } = this.#journal.append(gathering.drafts, gathering.controls, gathering.receivedAt))
    } catch (thrown) {
      this.#fail(jobs, gathering, messageOf(thrown))
      return
    }
    this.#judge.settle(this.#receivedAt)
    addCounters(this.counters, gathering.tally)
    this.#rejects = [...this.#rejects, ...gathering.rejects].slice(-this.#maxRejects)
    this.#decided()
    for (const tell of gathering.tell) tell(first)
  }

  /** Refused messages that are not stored yet. */
  rejects(): readonly RejectRow[] {
    return this.#rejects
  }

  /** The first `stored` of them are stored. */
  rejectsStored(stored: number): void {
    this.#rejects = this.#rejects.slice(stored)
  }

  #fail(jobs: readonly Job[], { tally: { received, unacknowledged } }: Gathering, why: string): void {
    this.#judge.undo()
    addCounters(this.counters, { ...noIntake(), received, unacknowledged, failed: received })
    this.#decided()
    for (const job of jobs) job.done({ failed: why })
  }

  #gather(job: Job, gathering: Gathering): void {
    if (job.job === 'messages') this.#gatherMessages(job, gathering)
    else if (job.job === 'observations') this.#gatherOwn(job, gathering)
    else {
      const index = gathering.controls.length
      gathering.controls.push(...job.controls)
      gathering.tell.push((first) => job.done({ first: first + gathering.drafts.length + index, receivedAt: this.#receivedAt }))
    }
  }

  #gatherMessages(job: Job & { job: 'messages' }, gathering: Gathering): void {
    const from = gathering.notices.length
    const frames: Settlement['frames'] = []
    const message = new BatchReader(job.buffer, job.bytes)
    for (let index = 0; message.next(); index++) {
      gathering.tally.received++
      if (message.qos === 0) gathering.tally.unacknowledged++
      if (message.what === PUBLISHED) this.#gatherPublished(message, gathering)
      else {
        const at = this.#gatherFrame(message, gathering)
        if (at !== undefined) frames.push({ index, at })
      }
    }
    const notices = gathering.notices.slice(from)
    gathering.tell.push(() => job.done({ notices, frames }))
  }

  #gatherPublished({ topic, payload }: BatchedMessage, gathering: Gathering): void {
    const accepted = accept(topic, payload)
    if (accepted.result === 'observation') {
      const judgement = this.#judgeInto(accepted, gathering)
      if (judgement.result === 'refused') this.#reject(judgement, { topic, bytes: payload.length }, gathering)
    } else if (accepted.result === 'status') {
      gathering.controls.push(accepted.control)
      gathering.tally.kept++
    } else {
      const parsed = readTopic(topic)
      if ('device' in parsed) this.#judge.malformed(parsed.device, parsed.gateway, gathering.receivedAt)
      this.#reject(accepted, { topic, bytes: payload.length }, gathering)
    }
  }

  /** The event time of a frame that may go on: its camera is its gateway's, and its time is none that S9 refuses. */
  #gatherFrame({ what, topic, payload }: BatchedMessage, gathering: Gathering): Instant | undefined {
    const bytes = new DataView(payload.buffer, payload.byteOffset, payload.length).getUint32(0)
    const refused = what === FRAME ? undefined : refuse(FRAME_FAULTS[what as keyof typeof FRAME_FAULTS])
    const frame = refused ?? this.#judgeFrame(topic, gathering.receivedAt)
    if ('result' in frame) this.#reject(frame, { topic, bytes }, gathering)
    else {
      gathering.tally.frames++
      return frame.at
    }
    return undefined
  }

  #judgeFrame(topic: string, receivedAt: Instant): { at: Instant } | Refused {
    const parsed = parseFromTopic(topic)
    if ('code' in parsed || parsed.what !== 'frame') return refuse('topic.unknown')
    return this.#judge.frame({ device: parsed.camera, gateway: parsed.gateway, at: parsed.at }, receivedAt)
  }

  #gatherOwn(job: Job & { job: 'observations' }, gathering: Gathering): void {
    const judgements = job.messages.map(({ kind, device, gateway, payload }) => {
      gathering.tally.received++
      const bytes = Buffer.from(JSON.stringify(payload))
      const accepted = acceptObservation(kind, device as DeviceId, gateway as GatewayId, bytes)
      const judgement = accepted.result === 'observation' ? this.#judgeInto(accepted, gathering) : accepted
      if (judgement.result === 'refused') this.#reject(judgement, { topic: topics.observation(gateway, kind, device), bytes: bytes.length }, gathering)
      return judgement
    })
    gathering.tell.push(() => job.done({ judgements }))
  }

  #judgeInto(accepted: Accepted, gathering: Gathering): Judgement {
    const judgement = this.#judge.judge(accepted, gathering.receivedAt)
    if (judgement.result === 'kept') {
      gathering.drafts.push(accepted)
      gathering.tally.kept++
    } else if (judgement.result === 'duplicate') gathering.tally.duplicate++
    return judgement
  }

  #reject({ code, why }: Refused, { topic, bytes }: { topic: string; bytes: number }, gathering: Gathering): void {
    const at = gathering.receivedAt
    // The broker lets a gateway publish below its own name only, so the topic says who sent it.
    const gateway = topic.split('/')[3] ?? ''
    count(gathering.tally.rejected, code)
    gathering.rejects.push({ at, gateway, topic, code, why, bytes })
    if (this.#mayNotify(gateway, at)) gathering.notices.push({ gateway, notice: { topic, code, why, at: formatInstant(at) } })
  }

  #mayNotify(gateway: string, now: Instant): boolean {
    let limit = this.#noticeLimits.get(gateway)
    if (limit === undefined) {
      limit = new Throttle(NOTICES_PER_SECOND, now)
      this.#noticeLimits.set(gateway, limit)
    }
    return limit.take(now)
  }
}
