import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkRule } from './file.ts'

/** Files that an author could write, and what the author is told: `# line:column why`, one line each, at the top. */
const BAD = join(import.meta.dirname, 'bad')
const files = readdirSync(BAD).filter((name) => name.endsWith('.bad.yaml'))

it.each(files)('%s', (name) => {
  const source = readFileSync(join(BAD, name), 'utf8')
  const base = join(BAD, `${/^extends: (.+)$/m.exec(source)?.[1]}.yaml`)
  const errors = checkRule(source, existsSync(base) ? readFileSync(base, 'utf8') : undefined, { calendars: ['city', 'managed-hours'], rules: ['cover-ajar', 'cover-displaced'] })
  const expected = source.split('\n').filter((line) => line.startsWith('# '))
  expect(expected.length).toBeGreaterThan(0)
  expect(errors.map(({ line, column, why }) => `# ${line}:${column} ${why}`)).toEqual(expected)
})
