import { existsSync } from 'node:fs'
import { NO_DESK } from '../../cases/reminders.ts'
import { CodedError } from '../../domain/errors.ts'
import type { DeskStatus } from '../../domain/ports/desk.ts'
import { formatInstant } from '../../domain/time.ts'
import { didYouMean } from '../../rules/language/nearest.ts'
import { openBook } from '../../store/book/book.ts'
import { dataPaths } from '../paths.ts'
import { BY, leave } from './leave.ts'

interface DeskFlags {
  data: string
}

/** Every desk that was ever owed something, and what it is owed now. */
export async function listDesks({ data, json }: DeskFlags & { json?: boolean }): Promise<number> {
  const desks = await desksOf(data)
  process.stdout.write(json ? `${JSON.stringify(desks)}\n` : desks.map((desk) => `${lineOf(desk)}\n`).join(''))
  return 0
}

/** Dead letters go out again, under the ids that they had. */
export async function replayDesk(name: string, { data }: DeskFlags): Promise<number> {
  const { dead } = await deskOf(name, data)
  if (dead === 0) return said(`${name} has no dead letters`)
  return said(
    (await leave(data, [{ type: 'desk', by: BY, desk: name, act: 'replay' }]))
      ? `${dead} dead letters of ${name} go out again`
      : `${dead} dead letters of ${name} go out again at the next start`,
  )
}

/** A desk that answered that it is gone takes deliveries again. */
export async function enableDesk(name: string, { data }: DeskFlags): Promise<number> {
  const { disabled, pending } = await deskOf(name, data)
  if (disabled === null) return said(`${name} takes deliveries already`)
  const taken = await leave(data, [{ type: 'desk', by: BY, desk: name, act: 'enable' }])
  return said(`${name} takes deliveries again${taken ? '' : ' at the next start'}; ${pending} wait`)
}

async function deskOf(name: string, data: string): Promise<DeskStatus> {
  const desks = await desksOf(data)
  const found = desks.find(({ desk }) => desk === name)
  if (found) return found
  throw new CodedError(
    'desk.unknown',
    `No desk ${name} was ever sent anything${didYouMean(
      name,
      desks.map(({ desk }) => desk),
    )}`,
  )
}

/** From the book, which another process may be writing; empty before the first start. */
async function desksOf(data: string): Promise<DeskStatus[]> {
  const path = dataPaths(data).book
  if (!existsSync(path)) return []
  const book = await openBook(path, { readonly: true })
  try {
    return (await book.deliveries.status()).filter(({ desk }) => desk !== NO_DESK)
  } finally {
    await book.close()
  }
}

function lineOf({ desk, pending, dead, disabled, why }: DeskStatus): string {
  const state = disabled === null ? '' : `  disabled since ${formatInstant(disabled.at)}: ${disabled.why}`
  return `${desk}  pending ${pending}  dead ${dead}${state}${why === null ? '' : `  last error: ${why}`}`
}

function said(line: string): number {
  process.stdout.write(`${line}\n`)
  return 0
}
