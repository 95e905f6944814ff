import { z } from 'zod'
import { IdSchema } from '../../domain/asset.ts'
import { CodedError } from '../../domain/errors.ts'
import { KINDS } from '../../domain/fields.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Page } from '../../domain/ports/alerts.ts'
import { seesOriginals, withoutPlates } from '../../domain/privacy.ts'
import type { Principal } from '../../domain/role.ts'
import type { ApiDeps } from '../deps.ts'
import { DurationText, InstantText, PAGE, pageOf } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const ObservationViewSchema = z
  .looseObject({ device: z.string(), kind: z.enum(KINDS), gateway: z.string(), receivedAt: z.string(), offset: z.number().int() })
  .describe('as sent, and these')

const LedgerSchema = z.object({
  device: z.string(),
  gateway: z.string(),
  firstSeen: z.string(),
  lastSeen: z.string(),
  received: z.number().int(),
  duplicates: z.number().int(),
  rejected: z.number().int(),
  gaps: z.array(z.object({ boot: z.string(), from: z.number().int(), to: z.number().int() })),
  skewMs: z.number(),
  clock: z.enum(['ok', 'ahead']),
})

const RejectSchema = z.object({ at: z.string(), gateway: z.string(), topic: z.string(), code: z.string(), why: z.string(), bytes: z.number().int() })
const AuditSchema = z.object({ at: z.string(), by: z.string(), what: z.string(), target: z.string(), detail: z.string() })

/** What a device sent lies where the asset that it watches lies. */
async function mayRead(device: string, who: Principal, deps: ApiDeps): Promise<boolean> {
  if (who.area === '') return true
  try {
    await deps.register.asset(deps.assetOf(device as DeviceId), who)
    return true
  } catch (error) {
    if (error instanceof CodedError && error.code === 'not_found') return false
    throw error
  }
}

/** A page without the devices of other areas; it may be shorter than asked for, `next` still leads on. */
async function readable<T extends { device: string }>(page: Page<T>, who: Principal, deps: ApiDeps): Promise<Page<T>> {
  const devices = new Set(page.items.map((item) => item.device))
  const seen = new Set<string>()
  for (const device of devices) if (await mayRead(device, who, deps)) seen.add(device)
  return { items: page.items.filter((item) => seen.has(item.device)), next: page.next }
}

async function refuseOthers(device: string | undefined, who: Principal, deps: ApiDeps): Promise<void> {
  if (device !== undefined && !(await mayRead(device, who, deps))) throw new CodedError('not_found')
}

/** Rejects, the audit log, desks and devices' owners know no area. */
export function wholeCity(who: Principal): void {
  if (who.area !== '') throw new CodedError('auth.forbidden', 'This is for those who see the whole city.')
}

export const TELEMETRY: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/observations',
    summary: 'What devices reported, as sent; below operator without the plates of objects.',
    query: z.object({
      device: Id.optional(),
      kind: z.enum(KINDS).optional(),
      from: InstantText.optional(),
      to: InstantText.optional(),
      every: DurationText.optional().describe('at most one observation per device in each such stretch, for example 5m'),
      ...PAGE,
    }),
    answer: { status: 200, what: 'observations', schema: pageOf(ObservationViewSchema) },
    async handle({ query, who, deps }) {
      await refuseOthers(query.device, who, deps)
      const page = await readable(await deps.telemetry.observations(query), who, deps)
      return json(seesOriginals(who) ? page : withoutPlates(page).data)
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/ledger',
    summary: 'What is known of each device: counts, gaps in its sequence, its clock.',
    query: z.object({ device: Id.optional(), ...PAGE }),
    answer: { status: 200, what: 'the ledger', schema: pageOf(LedgerSchema) },
    async handle({ query, who, deps }) {
      await refuseOthers(query.device, who, deps)
      return json(await readable(await deps.telemetry.ledger(query), who, deps))
    },
  }),
  route('admin', {
    method: 'PUT',
    path: '/api/v1/devices/{id}',
    summary: 'Give a device to another gateway, which alone may report it from then on.',
    params: z.object({ id: IdSchema }),
    body: z.strictObject({ gateway: IdSchema }),
    answer: { status: 200, what: 'whose it is', schema: z.object({ device: z.string(), gateway: z.string() }) },
    audit: { what: 'device.move' },
    async handle({ params, body, who, deps }) {
      wholeCity(who)
      await deps.ownership.move(params.id, body.gateway)
      return json({ device: params.id, gateway: body.gateway })
    },
  }),
  route('operator', {
    method: 'GET',
    path: '/api/v1/rejects',
    summary: 'Messages that were refused, and why.',
    query: z.object({ gateway: Id.optional(), ...PAGE }),
    answer: { status: 200, what: 'rejects', schema: pageOf(RejectSchema) },
    async handle({ query, who, deps }) {
      wholeCity(who)
      return json(await deps.telemetry.rejects(query))
    },
  }),
  route('admin', {
    method: 'GET',
    path: '/api/v1/audit',
    summary: 'Who did what and when, newest first.',
    query: z.object(PAGE),
    answer: { status: 200, what: 'the audit log', schema: pageOf(AuditSchema) },
    async handle({ query, who, deps }) {
      wholeCity(who)
      return json(await deps.audit.list(query))
    },
  }),
]
