import { z } from 'zod'
import { json } from '../reply.ts'
import { openRoute, type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const params = z.object({ id: Id })
const KeyView = z.object({ algorithm: z.literal('Ed25519'), keyId: z.string(), publicKey: z.string().describe('PEM') })

export const EVIDENCE: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/evidence/{id}',
    summary:
      'A file that proves an alert. Its content never changes. Below operator a still comes with other people and vehicles blurred, data without their plates, and a clip not at all.',
    params,
    answer: { status: 200, what: 'the file', media: ['image/jpeg', 'video/mp4', 'application/json'] },
    async handle({ params, who, deps }) {
      const { bytes, type, sha256 } = await deps.evidence.get(params.id, who)
      return { bytes, type, ...(sha256 !== undefined && { tag: sha256 }) }
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/alerts/{id}/evidence.zip',
    summary:
      'All that proves an alert, with its signed manifest: a copy in which other people and vehicles are blurred, or with `original` the files themselves (operator or more).',
    params,
    query: z.object({ original: z.enum(['true', 'false']).default('false') }),
    answer: { status: 200, what: 'a ZIP', media: ['application/zip'] },
    audit: { what: 'evidence.export', detail: (_body, _params, query) => (query.original === 'true' ? 'original' : 'blurred') },
    async handle({ params, query, who, deps }) {
      const original = query.original === 'true'
      const bytes = await deps.evidence.export(params.id, { original }, who)
      const name = `${params.id}${original ? '' : '-blurred'}.zip`
      return { bytes, type: 'application/zip', headers: { 'content-disposition': `attachment; filename="${name}"` } }
    },
  }),
  openRoute('open', {
    method: 'GET',
    path: '/api/v1/evidence-key',
    summary: 'The public key with which manifests of evidence are signed.',
    answer: { status: 200, what: 'the key', schema: KeyView },
    handle: async ({ deps }) => json({ algorithm: 'Ed25519', ...deps.evidence.publicKey() }),
  }),
]
