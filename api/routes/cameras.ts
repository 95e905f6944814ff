import { z } from 'zod'
import { IdSchema } from '../../domain/asset.ts'
import { CameraConfigSchema, CameraSourceSchema } from '../../domain/camera.ts'
import { CodedError } from '../../domain/errors.ts'
import type { Role } from '../../domain/role.ts'
import { formatInstant, MINUTE } from '../../domain/time.ts'
import { sourceDecision, sourceFault, sourceFor, veiledSource } from '../camera.ts'
import { DurationText, InstantText } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const params = z.object({ id: IdSchema })
const version = z.number().int().min(0)
const CameraView = CameraConfigSchema.extend({ id: z.string(), version })
type Camera = { version: number; config: z.output<typeof CameraConfigSchema> }

const CameraBody = CameraConfigSchema.extend({
  id: IdSchema.optional(),
  version: version.describe('the version that you read'),
  source: CameraSourceSchema.nullable()
    .optional()
    .superRefine((source, context) => {
      const why = source && sourceFault(source)
      if (why) context.addIssue({ code: 'custom', path: [source.type === 'file' ? 'path' : 'url'], message: why })
    }),
}).strict()

function shown(id: string, { version, config }: Camera, role: Role): Record<string, unknown> {
  return { id, version, ...config, source: sourceFor(role, config.source) }
}

export const CAMERAS: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/cameras/{id}',
    summary: 'What a camera looks for and where. Only admins see the whole address of its source.',
    params,
    answer: { status: 200, what: 'the camera', schema: CameraView },
    handle: async ({ params, who, deps }) => json(shown(params.id, await deps.register.camera(params.id, who), who.role)),
  }),
  route('author', {
    method: 'PUT',
    path: '/api/v1/cameras/{id}',
    summary: 'Replace the configuration; carries the `version` that was read. Without `source` the source stays; another one takes an admin.',
    params,
    body: CameraBody,
    answer: { status: 200, what: 'the camera', schema: CameraView },
    audit: {
      what: 'camera.put',
      // The audit log is no place for a camera's password.
      detail: (body) => JSON.stringify({ ...body, ...(body.source ? { source: veiledSource(body.source) } : {}) }),
    },
    async handle({ params, body, who, deps }) {
      const { id, version, source, ...rest } = body
      if (id !== undefined && id !== params.id) throw new CodedError('request.invalid', undefined, { details: [{ where: 'body.id', why: 'must be the id in the path' }] })
      const present = await deps.register.camera(params.id, who)
      const decision = sourceDecision(who.role, present.config.source, source)
      if (decision === 'forbidden') throw new CodedError('auth.forbidden', "Only an admin may change a camera's source.")
      const config = { ...rest, source: decision === 'keep' ? present.config.source : (source ?? null) }
      return json(shown(params.id, await deps.register.putCamera(params.id, version, config, who), who.role))
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/cameras/{id}/still',
    summary: 'The newest picture, or the one nearest to `at`. The header Wanglou-At says when it was taken.',
    params,
    query: z.object({ at: InstantText.optional(), within: DurationText.default(MINUTE) }),
    answer: { status: 200, what: 'a picture', media: ['image/jpeg'] },
    async handle({ params, query, who, deps }) {
      await deps.register.camera(params.id, who)
      const still = query.at === undefined ? await deps.stills.newest(params.id) : await deps.stills.near(params.id, query.at, query.within)
      if (!still) throw new CodedError('not_found', 'This camera has no picture of that time.')
      return { bytes: still.jpeg, type: 'image/jpeg', headers: { 'wanglou-at': formatInstant(still.at) } }
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/evidence/{id}',
    summary: 'A file that proves an alert. Its content never changes.',
    params: z.object({ id: Id }),
    answer: { status: 200, what: 'the file', media: ['image/jpeg', 'video/mp4', 'application/json'] },
    async handle({ params, who, deps }) {
      const { bytes, type, sha256 } = await deps.evidence.get(params.id, who)
      return { bytes, type, tag: sha256 }
    },
  }),
]
