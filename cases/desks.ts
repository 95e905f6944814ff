import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { messageOf } from '../domain/errors.ts'
import type { Desk } from '../domain/ports/desk.ts'
import type { Instant } from '../domain/time.ts'
import { CASE_EVENTS, type Route } from './routes.ts'
import { createSigner } from './signature.ts'
import { readAllowList } from './target.ts'
import { createWebhook } from './webhook.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a text must be, said in a sentence; undefined if it is so. */
const fault = (why: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const found = why(text)
    if (found !== undefined) context.addIssue(found)
  })

const deskSchema = (env: Environment) =>
  z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 small letters, digits and -')
        .describe('what rules and dispatchers call it'),
      url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).describe('where its webhook listens'),
      secretEnv: fault((name) => secretFault(() => readEnv(name, env)))
        .optional()
        .describe('environment variable that holds the whsec_… secret; it or the file is needed'),
      secretFile: fault((file) => secretFault(() => readFile(file)))
        .optional()
        .describe('file that holds it; both while it is changed, the new one in the environment'),
      allow: z
        .array(fault((entry) => thrownBy(() => readAllowList([entry]))))
        .default([])
        .describe('CIDRs, addresses or hosts that the desk may be reached at; nothing is allowed by default'),
      events: z.array(z.string()).optional().describe('event types, * at the end for any ending; what a case system wants if absent'),
      receives: z.enum(['dispatched', 'everything']).optional().describe('its own cases, which is meant if absent, or all alerts and cases'),
    })
    .refine(({ secretEnv, secretFile }) => secretEnv !== undefined || secretFile !== undefined, { error: 'a desk needs a secret: secretEnv or secretFile', when: isMap })

/**
 * Desks as the configuration names them. That its secret is where it says belongs to a desk's being right, so the
 * schema looks into the environment and into files; the secret itself is never told.
 */
export const desksSchema = (env: Environment) =>
  z.array(deskSchema(env)).superRefine(
    (desks, context) => {
      const names = desks.map((desk: { name?: unknown } | null) => desk?.name)
      for (const [index, name] of names.entries())
        if (typeof name === 'string' && names.indexOf(name) < index) context.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} is the name of another desk` })
    },
    // Also beside other errors: all are told at once.
    { when: ({ value }) => Array.isArray(value) },
  )
export type DeskConfig = z.infer<ReturnType<typeof deskSchema>>

function isMap({ value }: { value: unknown }): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export interface DesksDeps {
  env: Environment
  site: string
  now(): Instant
}

/** The configured desks and what goes to them. */
export function openDesks(configs: readonly DeskConfig[], deps: DesksDeps): { desks: Desk[]; routes: Route[] } {
  return {
    desks: configs.map((config) => openDesk(config, deps)),
    routes: configs.map(({ name, events = CASE_EVENTS, receives = 'dispatched' }) => ({ desk: name, events, receives })),
  }
}

function openDesk(config: DeskConfig, { env, site, now }: DesksDeps): Desk {
  const secrets = [config.secretEnv === undefined ? [] : [readEnv(config.secretEnv, env)], config.secretFile === undefined ? [] : [readFile(config.secretFile)]].flat()
  return createWebhook({ name: config.name, url: new URL(config.url), target: readAllowList(config.allow), sign: createSigner(secrets), site, now })
}

function secretFault(read: () => string): string | undefined {
  return thrownBy(() => createSigner([read()]))
}

function readEnv(name: string, env: Environment): string {
  return found(env[name], `the environment has no ${name}`)
}

function readFile(file: string): string {
  return found(readFileSync(file, 'utf8'), `${file} is empty`)
}

function found(text: string | undefined, why: string): string {
  const secret = text?.trim()
  if (!secret) throw new RangeError(why)
  return secret
}

function thrownBy(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
