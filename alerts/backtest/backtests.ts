import { areaContains } from '../../domain/area.ts'
import type { Backtest, BacktestRequest } from '../../domain/authoring.ts'
import { CodedError, messageOf } from '../../domain/errors.ts'
import type { Backtester } from '../../domain/ports/authoring.ts'
import type { Principal } from '../../domain/role.ts'
import { DAY, formatInstant, HOUR, type Instant, MINUTE } from '../../domain/time.ts'
import { compileRule } from '../../rules/rule.ts'
import type { Book } from '../../store/book/book.ts'
import { type Trial, trialOf } from './edited.ts'
import type { BacktestPaths } from './messages.ts'
import { type Run, type RunLimits, type RunResult, startRun } from './run.ts'
import { scoresOf } from './scores.ts'

export interface BacktestDeps {
  paths: BacktestPaths
  book: Pick<Book, 'rules' | 'calendars' | 'assets'>
  newId(): string
  now(): Instant
  /** Cores that a backtest may use; more than two bring little. */
  cores: number
  /** A minute for one record and an hour for all of it by default: its threads come last of all on the machine. */
  limits?: RunLimits
}

const LIMITS: RunLimits = { recordMs: MINUTE, wholeMs: HOUR }

/** How many that are over can still be asked for, and how many may wait for their turn. */
const KEPT = 50
const MOST_WAITING = 10
const MOST_PARTS = 2

interface Job {
  backtest: Backtest
  request: BacktestRequest
  trial: Trial
  area: string
  run: Run | undefined
  over: PromiseWithResolvers<void>
}

/**
 * Backtests, one at a time in order of their start: waiting → running → done, failed or cancelled. They live in memory;
 * a restart forgets them.
 */
export class Backtests implements Backtester {
  readonly #deps: BacktestDeps
  readonly #jobs = new Map<string, Job>()
  #running: Job | undefined
  #closed = false

  constructor(deps: BacktestDeps) {
    this.#deps = deps
  }

  /** Throws `not_found`, `rules.invalid`, `request.invalid`, or `limit.rate` when too many wait already. */
  async start(request: BacktestRequest, who: Principal): Promise<Backtest> {
    if (!(request.from < request.to)) throw new CodedError('request.invalid', '`from` must be before `to`.')
    const trial = await trialOf(this.#deps.book, request)
    if (this.#closed) throw new CodedError('starting', 'The platform is going down.')
    if (this.#waiting().length >= MOST_WAITING) throw new CodedError('limit.rate', 'Too many backtests wait already.')
    const backtest: Backtest = { id: this.#deps.newId(), rule: request.rule, by: who.name, state: 'waiting', progress: 0, why: null, result: null }
    this.#jobs.set(backtest.id, { backtest, request, trial, area: who.area, run: undefined, over: Promise.withResolvers() })
    this.#next()
    return { ...backtest }
  }

  async get(id: string, who: Principal): Promise<Backtest> {
    return { ...this.#find(id, who).backtest }
  }

  async wait(id: string, ms: number, who: Principal): Promise<Backtest> {
    const { over, backtest } = this.#find(id, who)
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([over.promise, patience])
    clearTimeout(timer)
    return { ...backtest }
  }

  /** Resolves once it has stopped; what is over stays as it is. */
  async cancel(id: string, who: Principal): Promise<Backtest> {
    return this.#stop(this.#find(id, who))
  }

  async #stop(job: Job): Promise<Backtest> {
    if (job.backtest.state === 'waiting') this.#end(job, { state: 'cancelled' })
    job.run?.stop()
    await job.over.promise
    return { ...job.backtest }
  }

  /** Stops everything; resolves when no thread is left. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#jobs.values()].map((job) => this.#stop(job)))
  }

  #find(id: string, who: Principal): Job {
    const job = this.#jobs.get(id)
    if (!job || !areaContains(who.area, job.area)) throw new CodedError('not_found')
    return job
  }

  #waiting(): Job[] {
    return [...this.#jobs.values()].filter(({ backtest }) => backtest.state === 'waiting')
  }

  #next(): void {
    const job = this.#running ? undefined : this.#waiting()[0]
    if (!job) return
    this.#running = job
    job.backtest.state = 'running'
    void this.#run(job)
  }

  async #run(job: Job): Promise<void> {
    const { request, trial, area } = job
    try {
      // What gathers over an area needs all of it in one place.
      const parts = gathers(trial) ? 1 : Math.max(1, Math.min(MOST_PARTS, this.#deps.cores))
      const { from, to } = request
      const until = Math.min(to + DAY, this.#deps.now())
      job.run = startRun({ paths: this.#deps.paths, live: trial.live, edit: trial.edit, from, to, until, area }, parts, this.#deps.limits ?? LIMITS, (share) => {
        // Whoever looks shall not see it go back, nor be over before it is.
        job.backtest.progress = Math.max(job.backtest.progress, Math.min(share, 0.99))
      })
      const result = await job.run.result
      this.#end(
        job,
        result ? { state: 'done', progress: 1, result: { ...whole(job, result), ...(await scoresOf(this.#deps.book, compileRule(trial.edit).file)) } } : { state: 'cancelled' },
      )
    } catch (error) {
      this.#end(job, { state: 'failed', why: error instanceof CodedError && error.code !== 'internal' ? `${error.code}: ${error.message}` : messageOf(error) })
    }
  }

  #end(job: Job, end: Partial<Backtest>): void {
    Object.assign(job.backtest, end)
    // Those that are over stand in the order in which they ended: the last to end is the last to be forgotten.
    this.#jobs.delete(job.backtest.id)
    this.#jobs.set(job.backtest.id, job)
    job.over.resolve()
    job.run = undefined
    if (this.#running === job) this.#running = undefined
    this.#forget()
    this.#next()
  }

  #forget(): void {
    const over = [...this.#jobs.values()].filter(({ backtest }) => backtest.state !== 'waiting' && backtest.state !== 'running')
    for (const { backtest } of over.slice(0, Math.max(0, over.length - KEPT))) this.#jobs.delete(backtest.id)
  }
}

function gathers({ live, edit }: Trial): boolean {
  return [live, edit].some((version) => version !== undefined && compileRule(version).file.gather !== undefined)
}

function whole({ request, trial }: Job, result: RunResult): Omit<NonNullable<Backtest['result']>, 'scoreFloor' | 'ownScores'> {
  const { rule, from, to } = request
  return { rule, version: trial.live?.version ?? 0, set: trial.set, from: formatInstant(from), to: formatInstant(to), ...result }
}
