import { z } from 'zod'
import { IdSchema } from '../../domain/asset.ts'
import { homographyOf } from '../../domain/calibration.ts'
import { CameraConfigSchema, CameraSourceSchema } from '../../domain/camera.ts'
import { CodedError } from '../../domain/errors.ts'
import { type Principal, type Role, roleAtLeast } from '../../domain/role.ts'
import { formatInstant, MINUTE } from '../../domain/time.ts'
import { sourceDecision, sourceFault, sourceFor, veiledSource } from '../camera.ts'
import type { ApiDeps, CameraStatus } from '../deps.ts'
import { DurationText, InstantText } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ id: IdSchema })
const version = z.number().int().min(0)
const StatusView = z.object({
  state: z.string(),
  frames: z.number().int(),
  inferred: z.number().int(),
  gated: z.record(z.string(), z.number().int()),
  dropped: z.record(z.string(), z.number().int()),
  lastAt: z.string().nullable().describe('event time of the newest scene'),
  error: z.string().nullable().describe('why there are none; for admins, since it may name the source'),
})
const CameraView = CameraConfigSchema.extend({ id: z.string(), version, status: StatusView.nullable().describe('null: the platform does not look through it') })
type Camera = { version: number; config: z.output<typeof CameraConfigSchema> }

const CameraBody = CameraConfigSchema.extend({
  id: IdSchema.optional(),
  version: version.describe('the version that you read'),
  status: z.unknown().optional().describe('may come back as it was read'),
  source: CameraSourceSchema.nullable()
    .optional()
    .superRefine((source, context) => {
      const why = source && sourceFault(source)
      if (why) context.addIssue({ code: 'custom', path: [source.type === 'file' ? 'path' : 'url'], message: why })
    }),
}).strict()

function shown(id: string, { version, config }: Camera, role: Role, status: CameraStatus | undefined): Record<string, unknown> {
  return { id, version, ...config, source: sourceFor(role, config.source), status: status ? statusFor(role, status) : null }
}

function statusFor(role: Role, { lastAt, error, state, frames, inferred, gated, dropped }: CameraStatus): z.output<typeof StatusView> {
  return {
    state,
    frames,
    inferred,
    gated: { ...gated },
    dropped: { ...dropped },
    lastAt: lastAt === null ? null : formatInstant(lastAt),
    error: roleAtLeast(role, 'admin') ? error : null,
  }
}

/** A camera is made by writing it; who may not see the one that is there is told by the register. */
async function presentOrNew(id: string, who: Principal, { register }: ApiDeps): Promise<Camera> {
  try {
    return await register.camera(id, who)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'not_found') return { version: 0, config: CameraConfigSchema.parse({}) }
    throw error
  }
}

export const CAMERAS: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/cameras/{id}',
    summary: 'What a camera looks for and where. Only admins see the whole address of its source.',
    params,
    answer: { status: 200, what: 'the camera', schema: CameraView },
    handle: async ({ params, who, deps }) => json(shown(params.id, await deps.register.camera(params.id, who), who.role, deps.cameraStatus(params.id))),
  }),
  route('author', {
    method: 'PUT',
    path: '/api/v1/cameras/{id}',
    summary: 'Make a camera (version 0) or replace its configuration; carries the `version` that was read. Without `source` the source stays; another one takes an admin.',
    params,
    body: CameraBody,
    answer: { status: 200, what: 'the camera', schema: CameraView },
    audit: {
      what: 'camera.put',
      // The audit log is no place for a camera's password, nor for what was only read.
      detail: (body) => JSON.stringify({ ...body, status: undefined, ...(body.source ? { source: veiledSource(body.source) } : {}) }),
    },
    async handle({ params, body, who, deps }) {
      const { id, version, source, status: _status, ...rest } = body
      if (id !== undefined && id !== params.id) throw new CodedError('request.invalid', undefined, { details: [{ where: 'body.id', why: 'must be the id in the path' }] })
      if (rest.calibration) homographyOf(rest.calibration)
      const present = await presentOrNew(params.id, who, deps)
      const decision = sourceDecision(who.role, present.config.source, source)
      if (decision === 'forbidden') throw new CodedError('auth.forbidden', "Only an admin may change a camera's source.")
      const config = { ...rest, source: decision === 'keep' ? present.config.source : (source ?? null) }
      return json(shown(params.id, await deps.register.putCamera(params.id, version, config, who), who.role, deps.cameraStatus(params.id)))
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/cameras/{id}/still',
    summary: 'The newest picture, or the one nearest to `at`. The header Wanglou-At says when it was taken. Below operator people and vehicles are blurred.',
    params,
    query: z.object({ at: InstantText.optional(), within: DurationText.default(MINUTE) }),
    answer: { status: 200, what: 'a picture', media: ['image/jpeg'] },
    async handle({ params, query, who, deps }) {
      await deps.register.camera(params.id, who)
      const still = await deps.evidence.still(params.id, query, who)
      if (!still) throw new CodedError('not_found', 'This camera has no picture of that time.')
      return { bytes: still.jpeg, type: 'image/jpeg', headers: { 'wanglou-at': formatInstant(still.at) } }
    },
  }),
]
