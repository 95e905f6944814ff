import { CodedError, ERRORS, isDiskRefusal, messageOf } from '../domain/errors.ts'

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
  if (isDiskRefusal(error)) return describeError(new CodedError('data.unwritable', `The data folder cannot be written: ${messageOf(error)}.`))
  if (!isCoded(error)) return error instanceof Error && error.stack ? error.stack : messageOf(error)
  // A message that has to stand alone elsewhere holds its details already.
  const details = (error.details ?? []).filter(({ why }) => !error.message.includes(why))
  return [`${error.code}: ${error.message}`, ...details.map(({ where, why }) => `  ${where === undefined ? '' : `${where}: `}${why}`)].join('\n')
}

/** Not by class: what a worker thread threw arrives with its code but as a plain error. */
function isCoded(error: unknown): error is Error & Pick<CodedError, 'code'> & Partial<Pick<CodedError, 'details'>> {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code in ERRORS
}
