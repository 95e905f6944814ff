import { z } from 'zod'
import { IdSchema } from '../../domain/asset.ts'
import { CodedError } from '../../domain/errors.ts'
import { seesOriginals } from '../../domain/privacy.ts'
import { formatInstant, MINUTE } from '../../domain/time.ts'
import type { ApiDeps } from '../deps.ts'
import { isGood, type Live, playMotionJpeg, signatureOf } from '../live.ts'
import { json } from '../reply.ts'
import { openRoute, type Route, route } from '../route.ts'

const params = z.object({ id: IdSchema })
/** Long enough to look closely; whoever looks on asks again, and is written down again. */
const LASTS_MS = 5 * MINUTE

const LiveView = z.object({
  kind: z.enum(['mjpeg', 'still']).describe('mjpeg: a stream of pictures; still: the newest picture, to be asked for again'),
  url: z.string().describe('good without other credentials when it is a stream'),
  until: z.string(),
})

function liveOf({ live }: ApiDeps): Live {
  if (!live) throw new CodedError('not_ready')
  return live
}

export const LIVE: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/cameras/{id}/live',
    summary:
      'What to play, and until when. The link is signed and short-lived; the address and password of the camera stay with the platform. Below operator it is the newest still, blurred.',
    params,
    answer: { status: 200, what: 'the link', schema: LiveView },
    audit: { what: 'camera.live' },
    async handle({ params: { id }, who, deps }) {
      await deps.register.camera(id, who)
      const until = deps.now() + LASTS_MS
      // Nobody has looked at a picture of this moment yet: what is to be blurred in it is not known.
      if (!seesOriginals(who) || deps.live?.has(id) !== true) return json({ kind: 'still', url: `/api/v1/cameras/${id}/still`, until: formatInstant(until) })
      const signature = signatureOf(deps.live.key, { camera: id, until, by: who.name })
      const query = new URLSearchParams({ until: String(until), by: who.name, signature })
      return json({ kind: 'mjpeg', url: `/api/v1/live/${id}?${query}`, until: formatInstant(until) })
    },
  }),
  openRoute('open', {
    method: 'GET',
    path: '/api/v1/live/{id}',
    summary: 'The pictures of a camera as motion JPEG, by a link from `cameras/{id}/live`, until its time is over.',
    params,
    query: z.object({ until: z.number().int(), by: z.string().max(200), signature: z.string().max(100) }),
    answer: { status: 200, what: 'pictures', media: ['multipart/x-mixed-replace'] },
    async handle({ params: { id }, query: { until, by, signature }, deps }) {
      const live = liveOf(deps)
      const now = deps.now()
      if (!isGood(live.key, { camera: id, until, by }, signature, now)) throw new CodedError('auth.forbidden', 'This link was not made here, or its time is over.')
      if (!live.has(id)) throw new CodedError('not_found', 'This camera has no source to look through.')
      return { stream: (response) => playMotionJpeg(response, (viewer) => live.watch(id, viewer), until - now) }
    },
  }),
]
