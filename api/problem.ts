import { CodedError, ERRORS, type ErrorCode, isDiskRefusal } from '../domain/errors.ts'

/** RFC 9457 problem details with our members: what every error of the API looks like. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: ErrorCode
  /** True when the same request may succeed later. */
  retry: boolean
  /** What is wrong with the request, field by field. */
  errors?: readonly { where?: string; why: string }[]
  [member: string]: unknown
}

export interface Outcome {
  problem: Problem
  headers: Record<string, string>
  /** To be logged under the problem's `id`, because the answer does not tell. */
  hidden: unknown
}

const RETRY_AFTER_S = 5

/** The one place where anything thrown becomes an HTTP error. What broke on our side is named by an id and nothing else. */
export function problemOf(thrown: unknown, newId: () => string): Outcome {
  const error = coded(thrown)
  const { status, why, retry } = ERRORS[error.code]
  const { retryAfterS, allow, ...members } = error.extra
  const ours = status >= 500
  const problem: Problem = {
    ...(ours ? { id: newId() } : members),
    ...{ type: `urn:wanglou:problem:${error.code}`, title: why, status, detail: ours ? why : error.message, code: error.code, retry },
    ...(!ours && error.details.length > 0 ? { errors: error.details } : {}),
  }
  const headers: Record<string, string> = {}
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="wanglou"'
  if (status === 429 || status === 503) headers['retry-after'] = String(typeof retryAfterS === 'number' ? retryAfterS : RETRY_AFTER_S)
  if (typeof allow === 'string') headers.allow = allow
  return { problem, headers, hidden: ours ? thrown : undefined }
}

/** What Express and its body parser throw bears a status and a type; anything else that is not ours is our own fault. */
function coded(thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown
  if (isDiskRefusal(thrown)) return new CodedError('data.unwritable', undefined, { cause: thrown })
  const { status, type } = thrown instanceof Error ? (thrown as Error & { status?: unknown; type?: unknown }) : {}
  if (type === 'entity.parse.failed') return new CodedError('request.invalid', undefined, { details: [{ where: 'body', why: 'is not JSON' }] })
  if (status === 413) return new CodedError('request.too_large')
  if (status === 415) return new CodedError('request.not_json')
  if (typeof status === 'number' && status >= 400 && status < 500) return new CodedError('request.invalid')
  return new CodedError('internal', undefined, { cause: thrown })
}
