/**
 * The catalogue of coded errors: every refusal that anybody outside can meet. A code never changes its meaning.
 * `retry` answers "can the same request succeed later without being changed?".
 */
export interface ErrorKind {
  status: number
  retry: boolean
  why: string
}

const refusal = (status: number, why: string): ErrorKind => ({ status, retry: false, why })
const passing = (status: number, why: string): ErrorKind => ({ status, retry: true, why })

export const ERRORS = {
  // messages from gateways
  'payload.not_json': refusal(400, 'The payload is not UTF-8 JSON.'),
  'payload.not_object': refusal(400, 'The payload is not a JSON object.'),
  'payload.too_large': refusal(413, 'The payload is larger than the limit.'),
  'payload.too_deep': refusal(400, 'The payload is nested deeper than the limit.'),
  'field.invalid': refusal(400, 'A field has the wrong type or is out of its range.'),
  'field.missing': refusal(400, 'A field that this kind needs is missing.'),
  'time.missing': refusal(400, 'The observation has no `at`.'),
  'time.invalid': refusal(400, 'The time is not RFC 3339 or milliseconds since 1970.'),
  'time.no_zone': refusal(400, 'The time has no zone; send Z or an offset.'),
  'time.too_old': refusal(400, 'The observation is older than the horizon of deduplication.'),
  'topic.unknown': refusal(400, 'The topic is none that gateways may publish.'),
  'topic.kind': refusal(400, 'The kind in the topic is unknown.'),
  'topic.id': refusal(400, 'An id in the topic does not match [A-Za-z0-9][A-Za-z0-9_.-]{0,63} without "..".'),
  'status.invalid': refusal(400, 'The gateway status is not of the form in the contract.'),
  'frame.not_jpeg': refusal(400, 'The frame is not a JPEG picture.'),
  'frame.no_camera': refusal(400, 'No registered camera takes frames under this name.'),
  'reply.unknown_command': refusal(400, 'No command with this id is waiting for a reply.'),
  'dedupe.conflict': refusal(409, 'The same key was already received with other content.'),
  'device.not_yours': refusal(403, 'The device belongs to another gateway.'),
  'device.too_many_new': passing(429, 'The gateway has registered too many new devices within the hour.'),
  'limit.rate': passing(429, 'Too many messages.'),
  // people and programs over HTTP
  'auth.required': refusal(401, 'Log in, or send an API token.'),
  'auth.wrong': refusal(401, 'Name or password is wrong.'),
  'auth.throttled': passing(429, 'Too many attempts; wait a while.'),
  'auth.forbidden': refusal(403, 'Your role may not do this.'),
  'auth.origin': refusal(403, 'The request comes from another site.'),
  'request.invalid': refusal(400, 'The request is not of the form in the contract.'),
  'request.too_large': refusal(413, 'The request body is larger than the limit.'),
  'request.not_json': refusal(415, 'The request body must be JSON, sent as application/json.'),
  'name.taken': refusal(409, 'The name is taken.'),
  'feed.full': passing(503, 'Too many live views are open; try again in a while.'),
  not_found: refusal(404, 'There is nothing here that you may see.'),
  'evidence.deleted': refusal(410, 'The time of this evidence is over: the file was deleted, its hash stands in the manifest.'),
  'evidence.busy': passing(503, 'Too many blurred copies are being made; try again in a while.'),
  'method.not_allowed': refusal(405, 'This path does not take that method.'),
  'version.stale': refusal(409, 'Somebody has changed it since you read it.'),
  'case.illegal_move': refusal(409, 'The case cannot move there from its present state.'),
  'alert.disproved': refusal(409, 'The alert was disproved by later data and cannot be dispatched.'),
  'silence.too_long': refusal(400, 'A silence lasts 30 days at most; none is endless.'),
  'silence.over': refusal(409, 'The silence is over.'),
  'desk.unknown': refusal(404, 'No desk has this name.'),
  'desk.target_denied': refusal(403, 'The target address is not on the allow-list.'),
  'calibration.invalid': refusal(400, 'The calibration points do not show a plane.'),
  'cursor.invalid': refusal(400, 'The cursor is not one of ours.'),
  'journal.unwritable': passing(503, 'The journal cannot be written; nothing was accepted.'),
  starting: passing(503, 'The platform is starting.'),
  not_ready: passing(503, 'This part of the platform is not running.'),
  internal: passing(500, 'Something broke on our side; it was logged with this id.'),
  // at the desk of whoever runs it
  'config.invalid': refusal(400, 'The configuration has errors.'),
  'data.in_use': refusal(409, 'Another process runs on this data folder.'),
  'data.broken': refusal(500, 'A file of the data folder is damaged.'),
  'data.unwritable': passing(503, 'The data folder cannot be written.'),
  'port.in_use': passing(409, 'Another process listens on this port.'),
  'rules.invalid': refusal(400, 'A rule file has errors.'),
  'rules.too_slow': refusal(400, 'Judging by the rule takes too long.'),
  'scenarios.invalid': refusal(400, 'A scenario file has errors.'),
  'assets.invalid': refusal(400, 'The asset file has errors; nothing was imported.'),
  'replay.too_early': refusal(400, 'The journal does not reach back so far.'),
  'model.invalid': refusal(400, 'The model or its manifest cannot be used.'),
  'model.dead': refusal(400, 'The model loads but cannot fire: its scores do not change with the picture.'),
  'ffmpeg.missing': refusal(500, 'No ffmpeg was found.'),
  'source.failed': passing(502, 'The camera source gives no pictures.'),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

export interface Detail {
  /** Where: a file with line, a field, a path. */
  where?: string
  why: string
}

/** An error that says what, where, why and what to do; the one error type that crosses rooms. */
export class CodedError extends Error {
  readonly code: ErrorCode
  readonly details: readonly Detail[]
  /** Members for problem+json, for example `allowed`. */
  readonly extra: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, why?: string, options: { details?: readonly Detail[]; extra?: Record<string, unknown>; cause?: unknown } = {}) {
    super(why ?? ERRORS[code].why, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CodedError'
    this.code = code
    this.details = options.details ?? []
    this.extra = options.extra ?? {}
  }

  get retry(): boolean {
    return ERRORS[this.code].retry
  }
}

/** Whether the disk did not take it: full, failing, not writable. Neither the request is wrong nor the program. */
export function isDiskRefusal(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && /^(ENOSPC|EDQUOT|EIO|EROFS|SQLITE_(FULL|IOERR|READONLY|CANTOPEN).*)$/.test(String(thrown.code))
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
