import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { IdSchema } from '../domain/asset.ts'
import { CodedError, type Detail, messageOf } from '../domain/errors.ts'
import type { Desk } from '../domain/ports/desk.ts'
import type { Instant } from '../domain/time.ts'
import { CASE_EVENTS, type Route } from './routes.ts'
import { createSigner } from './signature.ts'
import { readAllowList } from './target.ts'
import { createWebhook } from './webhook.ts'

/** Where a secret stands: never in the configuration itself. */
const SecretSchema = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })])
type SecretReference = z.infer<typeof SecretSchema>

export const DeskConfigSchema = z.strictObject({
  name: IdSchema,
  url: z.url({ protocol: /^https?$/ }),
  /** While it is being changed two, the new one first. */
  secret: z.union([SecretSchema, z.array(SecretSchema).min(1).max(2)]),
  /** CIDR blocks, addresses or host names that this desk may be reached at; everything else is denied. */
  allow: z.array(z.string()).default([]),
  /** Event types; `*` at the end stands for any ending. */
  events: z.array(z.string()).default(CASE_EVENTS),
  receives: z.enum(['dispatched', 'everything']).default('dispatched'),
})
/** A desk as the configuration names it. */
export type DeskConfig = z.infer<typeof DeskConfigSchema>

export interface DesksDeps {
  env: Readonly<Record<string, string | undefined>>
  site: string
  now(): Instant
}

/** The configured desks and what goes to them. Throws `config.invalid` with everything that is wrong. */
export function openDesks(configs: readonly DeskConfig[], deps: DesksDeps): { desks: Desk[]; routes: Route[] } {
  const wrong: Detail[] = []
  const desks: Desk[] = []
  configs.forEach((config, index) => {
    if (configs.findIndex(({ name }) => name === config.name) !== index) wrong.push({ where: `desks.${index}.name`, why: `${config.name} is the name of another desk` })
    try {
      desks.push(openDesk(config, deps))
    } catch (error) {
      wrong.push({ where: `desks.${index} (${config.name})`, why: messageOf(error) })
    }
  })
  if (wrong.length > 0) throw new CodedError('config.invalid', undefined, { details: wrong })
  return { desks, routes: configs.map(({ name, events, receives }) => ({ desk: name, events, receives })) }
}

function openDesk(config: DeskConfig, { env, site, now }: DesksDeps): Desk {
  const secrets = [config.secret].flat().map((reference) => secretAt(reference, env))
  return createWebhook({ name: config.name, url: new URL(config.url), target: readAllowList(config.allow), sign: createSigner(secrets), site, now })
}

function secretAt(reference: SecretReference, env: DesksDeps['env']): string {
  const secret = ('env' in reference ? env[reference.env] : readFileSync(reference.file, 'utf8'))?.trim()
  if (!secret) throw new RangeError('env' in reference ? `the environment has no ${reference.env}` : `${reference.file} is empty`)
  return secret
}
