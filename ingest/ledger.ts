import { CLOCK_AHEAD_MS } from '../domain/observation.ts'
import type { LedgerView } from '../domain/ports/telemetry.ts'
import { DAY, formatInstant, HOUR, type Instant } from '../domain/time.ts'
import { HORIZON_MS } from './dedupe.ts'
import { PLATFORM } from './permissions.ts'

/** One start of a device, and how far its seq has counted. */
interface Boot {
  boot: string | number
  highest: number
  lastSeen: Instant
  /** Listed since its first message; of one that is not, a seq above `highest` may have come before. */
  whole: boolean
}

/** What is known of one device: whose it is, what came, how its seq and its clock run. */
export interface DeviceEntry {
  device: string
  /** null: registered, and nobody has reported it yet. */
  gateway: string | null
  firstSeen: Instant
  lastSeen: Instant
  received: number
  duplicates: number
  rejected: number
  boots: Boot[]
  /** When a boot last came for which the list had no room: one that is new to the list may be an old one for a horizon after it. */
  crowdedAt: Instant
  /** Newest `at` of messages that are keyed by it (S10). */
  newestAt: Instant
  gaps: LedgerView['gaps']
  /** The last few receivedAt − at, in a ring. */
  skews: number[]
  ahead: boolean
}

const MAX_BOOTS = 16
/** Before any horizon. */
const NEVER: Instant = -Number.MAX_SAFE_INTEGER
const MAX_GAPS = 32
const SKEWS = 15

/** The entry that the gateway may report to, or why it may not. */
export type Claim = DeviceEntry | 'not_yours' | 'too_many_new'

/**
 * The ledger of devices. `claim` and `unseen` belong to the judging of a batch and can be taken back by `undo`;
 * the rest is written down once the batch is committed.
 */
export class Ledger {
  readonly #devices = new Map<string, DeviceEntry>()
  readonly #dirty = new Set<DeviceEntry>()
  readonly #undo: (() => void)[] = []
  // The two changes that nearly every message makes are noted without a closure each.
  readonly #counted: { boot: Boot; before: number }[] = []
  readonly #timed: { entry: DeviceEntry; before: Instant }[] = []
  readonly #newPerHour: number
  /** A boot unheard of for this long has no key left that could come again (S10). */
  readonly #forgetMs: number
  #hour = 0
  #newDevices = new Map<string, number>()

  /** `newPerHour`: how many devices that nobody knows one gateway may bring within an hour. `horizonMs`: how long keys are remembered. */
  constructor(newPerHour: number, horizonMs: number = HORIZON_MS) {
    this.#newPerHour = newPerHour
    this.#forgetMs = horizonMs + DAY
  }

  get(device: string): DeviceEntry | undefined {
    return this.#devices.get(device)
  }

  get size(): number {
    return this.#devices.size
  }

  /**
   * Whether this gateway may report this device: the first to report owns it, if nobody was registered as owner. The platform may
   * report any: what it sees in the frames of a gateway's camera is that camera's too.
   */
  claim(device: string, gateway: string, receivedAt: Instant): Claim {
    const entry = this.#devices.get(device)
    if (entry === undefined) return this.#discover(device, gateway, receivedAt)
    if (entry.gateway === gateway) return entry
    if (entry.gateway !== null) return gateway === PLATFORM ? entry : 'not_yours'
    entry.gateway = gateway
    this.#undo.push(() => {
      entry.gateway = null
    })
    return entry
  }

  /** Whatever the limits: the journal says that this gateway reported this device. */
  adopt(device: string, gateway: string, receivedAt: Instant): DeviceEntry {
    const entry = this.#devices.get(device) ?? this.#put(newEntry(device, gateway, receivedAt))
    entry.gateway ??= gateway
    return entry
  }

  /** Registers devices, or moves them to another gateway; null leaves the owner to whoever reports first. */
  register(devices: readonly { device: string; gateway: string | null }[], now: Instant): void {
    for (const { device, gateway } of devices) {
      const entry = this.#devices.get(device) ?? this.#put(newEntry(device, gateway, now))
      if (gateway !== null) entry.gateway = gateway
      this.#dirty.add(entry)
    }
  }

  /**
   * True when this seq (or, without one, this `at`) is above all that the device sent, so that its key cannot have
   * come before; from then on the same is no longer unseen. A message with an id alone has no such order.
   */
  unseen(entry: DeviceEntry, { seq, boot, id }: { seq?: number; boot?: string | number; id?: string }, { at, receivedAt }: { at: Instant; receivedAt: Instant }): boolean {
    if (seq !== undefined && boot !== undefined) return this.#unseenSeq(entry, { boot, seq, receivedAt })
    if (id !== undefined || at <= entry.newestAt) return false
    this.#timed.push({ entry, before: entry.newestAt })
    entry.newestAt = at
    return true
  }

  settle(): void {
    this.#undo.length = this.#counted.length = this.#timed.length = 0
  }

  undo(): void {
    for (const { boot, before } of this.#counted.reverse()) boot.highest = before
    for (const { entry, before } of this.#timed.reverse()) entry.newestAt = before
    for (const step of this.#undo.reverse()) step()
    this.settle()
  }

  /** A kept observation. */
  kept(entry: DeviceEntry, at: Instant, receivedAt: Instant): void {
    entry.skews[entry.received % SKEWS] = receivedAt - at
    entry.ahead = at > receivedAt + CLOCK_AHEAD_MS
    entry.received++
    this.#seen(entry, receivedAt)
  }

  duplicate(entry: DeviceEntry, receivedAt: Instant): void {
    entry.duplicates++
    this.#seen(entry, receivedAt)
  }

  /** A refused message of its owner; a stranger's says nothing of the device. */
  rejected(device: string, gateway: string, receivedAt: Instant): void {
    const entry = this.#devices.get(device)
    if (entry?.gateway !== gateway) return
    entry.rejected++
    this.#seen(entry, receivedAt)
  }

  /** Entries changed since the last `clean`, for the store. */
  dirty(): readonly DeviceEntry[] {
    return [...this.#dirty]
  }

  /** Whether there are such. */
  get changed(): boolean {
    return this.#dirty.size > 0
  }

  clean(): void {
    this.#dirty.clear()
  }

  restore(entries: Iterable<DeviceEntry>, now: Instant): void {
    this.#turnHour(now)
    for (const entry of entries) {
      this.#devices.set(entry.device, entry)
      if (entry.gateway !== null && entry.received > 0 && hourOf(entry.firstSeen) === this.#hour) this.#countNew(entry.gateway, 1)
    }
  }

  #seen(entry: DeviceEntry, receivedAt: Instant): void {
    entry.lastSeen = receivedAt
    this.#dirty.add(entry)
  }

  #discover(device: string, gateway: string, receivedAt: Instant): Claim {
    this.#turnHour(receivedAt)
    if ((this.#newDevices.get(gateway) ?? 0) >= this.#newPerHour) return 'too_many_new'
    this.#countNew(gateway, 1)
    this.#undo.push(() => {
      this.#devices.delete(device)
      this.#countNew(gateway, -1)
    })
    return this.#put(newEntry(device, gateway, receivedAt))
  }

  #unseenSeq(entry: DeviceEntry, { boot, seq, receivedAt }: { boot: string | number; seq: number; receivedAt: Instant }): boolean {
    const known = bootOf(entry, boot)
    if (known === undefined) return this.#newBoot(entry, { boot, seq, receivedAt })
    const before = known.highest
    known.lastSeen = receivedAt
    if (seq <= before) this.#setGaps(entry, fillGap(entry.gaps, String(boot), seq))
    else {
      known.highest = seq
      this.#counted.push({ boot: known, before })
      if (seq > before + 1) this.#setGaps(entry, [...entry.gaps, { boot: String(boot), from: before + 1, to: seq - 1 }].slice(-MAX_GAPS))
    }
    return known.whole && seq > before
  }

  #setGaps(entry: DeviceEntry, gaps: LedgerView['gaps']): void {
    const before = entry.gaps
    if (gaps === before) return
    entry.gaps = gaps
    this.#undo.push(() => {
      entry.gaps = before
    })
  }

  #newBoot(entry: DeviceEntry, { boot, seq, receivedAt }: { boot: string | number; seq: number; receivedAt: Instant }): boolean {
    const { boots, crowdedAt } = entry
    const recent = boots.filter((one) => receivedAt - one.lastSeen <= this.#forgetMs)
    const whole = receivedAt - crowdedAt > this.#forgetMs && recent.length < MAX_BOOTS
    if (recent.length < MAX_BOOTS) entry.boots = [...recent, { boot, highest: seq, lastSeen: receivedAt, whole }]
    else entry.crowdedAt = receivedAt
    this.#undo.push(() => {
      entry.boots = boots
      entry.crowdedAt = crowdedAt
    })
    return whole
  }

  #put(entry: DeviceEntry): DeviceEntry {
    this.#devices.set(entry.device, entry)
    return entry
  }

  #countNew(gateway: string, by: number): void {
    this.#newDevices.set(gateway, (this.#newDevices.get(gateway) ?? 0) + by)
  }

  #turnHour(now: Instant): void {
    if (hourOf(now) === this.#hour) return
    this.#hour = hourOf(now)
    this.#newDevices = new Map()
  }
}

/** A device is nearly always in its newest boot. */
function bootOf({ boots }: DeviceEntry, boot: string | number): Boot | undefined {
  const newest = boots[boots.length - 1]
  return newest?.boot === boot ? newest : boots.find((one) => one.boot === boot)
}

function hourOf(at: Instant): number {
  return Math.floor(at / HOUR)
}

function newEntry(device: string, gateway: string | null, now: Instant): DeviceEntry {
  return {
    device,
    gateway,
    firstSeen: now,
    lastSeen: now,
    received: 0,
    duplicates: 0,
    rejected: 0,
    boots: [],
    crowdedAt: NEVER,
    newestAt: -1,
    gaps: [],
    skews: [],
    ahead: false,
  }
}

/** The gaps without this number: one that arrives late was not lost. */
function fillGap(gaps: LedgerView['gaps'], boot: string, seq: number): LedgerView['gaps'] {
  const index = gaps.findIndex((gap) => gap.boot === boot && gap.from <= seq && seq <= gap.to)
  const gap = gaps[index]
  if (gap === undefined) return gaps
  const rest = [
    { boot, from: gap.from, to: seq - 1 },
    { boot, from: seq + 1, to: gap.to },
  ].filter(({ from, to }) => from <= to)
  return gaps.toSpliced(index, 1, ...rest).slice(-MAX_GAPS)
}

/** Median of a few numbers; 0 of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

export function ledgerView(entry: DeviceEntry): LedgerView {
  return {
    device: entry.device,
    gateway: entry.gateway ?? '',
    firstSeen: formatInstant(entry.firstSeen),
    lastSeen: formatInstant(entry.lastSeen),
    received: entry.received + entry.duplicates + entry.rejected,
    duplicates: entry.duplicates,
    rejected: entry.rejected,
    gaps: entry.gaps,
    skewMs: median(entry.skews),
    clock: entry.ahead ? 'ahead' : 'ok',
  }
}
