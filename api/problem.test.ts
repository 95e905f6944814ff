import { expect, it } from 'vitest'
import { problemOf } from './problem.ts'

it.each([
  ['SQLITE_FULL', 'database or disk is full'],
  ['SQLITE_IOERR_WRITE', 'disk I/O error'],
  ['SQLITE_READONLY', 'attempt to write a readonly database'],
  ['ENOSPC', 'no space left on device'],
])('what the disk refuses with %s may be tried again, and the log says why', (code, message) => {
  const thrown = Object.assign(new Error(message), { code })
  const { problem, headers, hidden } = problemOf(thrown, () => 'id-1')
  expect(problem).toMatchObject({ status: 503, code: 'data.unwritable', retry: true, id: 'id-1', detail: 'The data folder cannot be written.' })
  expect([headers['retry-after'], hidden]).toEqual(['5', thrown])
})

it.each(['SQLITE_CONSTRAINT', 'ENOENT', undefined])('an error of our own (%s) is not blamed on the disk', (code) => {
  expect(problemOf(Object.assign(new Error('a mistake'), { code }), () => 'id-1').problem).toMatchObject({ status: 500, code: 'internal' })
})
