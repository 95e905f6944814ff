import { ERRORS, type ErrorCode } from '../../domain/errors.ts'

export interface Fault {
  where: string
  why: string
}

/** A refusal as the API words it (RFC 9457 with a code), or the page's own `network` when no answer came. */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  /** Where the moves of a case may go, when the refusal says so. */
  readonly allowed: readonly string[]
  /** What is wrong, place by place, when the refusal says so. */
  readonly faults: readonly Fault[]

  constructor(code: string, status: number, detail: string, { allowed = [], faults = [] }: { allowed?: readonly string[]; faults?: readonly Fault[] } = {}) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    this.status = status
    this.allowed = allowed
    this.faults = faults
  }

  /** Can the same request succeed later without being changed? */
  get retry(): boolean {
    return this.code === 'network' || (Object.hasOwn(ERRORS, this.code) ? ERRORS[this.code as ErrorCode].retry : this.status >= 500)
  }
}

/** Reads the body of a refusal; a body that is no problem+json (a proxy's page) still becomes a Problem. */
export function readProblem(status: number, body: unknown): Problem {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const code = typeof fields.code === 'string' ? fields.code : `http.${status}`
  const detail = [fields.detail, fields.title].find((text): text is string => typeof text === 'string' && text !== '') ?? `HTTP ${status}`
  const allowed = Array.isArray(fields.allowed) ? fields.allowed.filter((state): state is string => typeof state === 'string') : []
  return new Problem(code, status, detail, { allowed, faults: faultsIn(fields.errors) })
}

function faultsIn(errors: unknown): Fault[] {
  if (!Array.isArray(errors)) return []
  return errors.flatMap((error: Partial<Fault> | null): Fault[] =>
    typeof error?.why === 'string' ? [{ where: typeof error.where === 'string' ? error.where : '', why: error.why }] : [],
  )
}

/** Anything thrown → a Problem to show. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  return new Problem('internal', 0, thrown instanceof Error ? thrown.message : String(thrown))
}
