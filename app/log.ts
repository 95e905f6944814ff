import { pino } from 'pino'

/** The owner of pino: structured logs on standard error, so that standard output stays for answers. Secrets are never logged. */
export type Log = Pick<ReturnType<typeof pino>, 'debug' | 'info' | 'warn' | 'error'> & { child(bindings: Record<string, unknown>): Log }

export function createLog(level: string): Log {
  return pino({ level, redact: ['password', 'token', 'secret', '*.password', '*.token', '*.secret'] }, pino.destination({ dest: 2, sync: true }))
}
