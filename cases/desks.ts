import { readFileSync } from 'node:fs'
import { CodedError, type Detail, messageOf } from '../domain/errors.ts'
import type { Desk } from '../domain/ports/desk.ts'
import type { Instant } from '../domain/time.ts'
import { CASE_EVENTS, type Route } from './routes.ts'
import { createSigner } from './signature.ts'
import { readAllowList } from './target.ts'
import { createWebhook } from './webhook.ts'

/** A desk as the configuration names it. */
export interface DeskConfig {
  name: string
  /** http or https. */
  url: string
  /** Where the `whsec_…` secret stands: never in the configuration itself. While it is being changed both, the new one in the environment. */
  secretEnv?: string | undefined
  secretFile?: string | undefined
  /** CIDR blocks, addresses or host names that the desk may be reached at; everything else is denied. */
  allow: readonly string[]
  /** Event types, `*` at the end for any ending; what a case system wants if absent. */
  events?: readonly string[] | undefined
  /** See routes.ts; `dispatched` if absent. */
  receives?: Route['receives'] | undefined
}

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
  return { desks, routes: configs.map(({ name, events = CASE_EVENTS, receives = 'dispatched' }) => ({ desk: name, events, receives })) }
}

function openDesk(config: DeskConfig, { env, site, now }: DesksDeps): Desk {
  const sign = createSigner(secretsOf(config, env))
  return createWebhook({ name: config.name, url: new URL(config.url), target: readAllowList(config.allow), sign, site, now })
}

function secretsOf({ secretEnv, secretFile }: DeskConfig, env: DesksDeps['env']): string[] {
  const secrets: string[] = []
  if (secretEnv !== undefined) secrets.push(found(env[secretEnv], `the environment has no ${secretEnv}`))
  if (secretFile !== undefined) secrets.push(found(readFileSync(secretFile, 'utf8'), `${secretFile} is empty`))
  return secrets
}

function found(text: string | undefined, why: string): string {
  const secret = text?.trim()
  if (!secret) throw new RangeError(why)
  return secret
}
