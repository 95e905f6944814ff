import { CodedError, messageOf } from '../domain/errors.ts'

/** Runs a command; an error is written for a person – what, where, why – and never as a stack trace, unless it is ours. */
export async function runCommand(work: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await work()) ?? 0
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  }
}

export function describeError(error: unknown): string {
  if (!(error instanceof CodedError)) return error instanceof Error && error.stack ? error.stack : messageOf(error)
  return [`${error.code}: ${error.message}`, ...error.details.map(({ where, why }) => `  ${where === undefined ? '' : `${where}: `}${why}`)].join('\n')
}
