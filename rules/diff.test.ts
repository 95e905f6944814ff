import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diffRules } from './diff.ts'
import { unifiedDiff } from './line-diff.ts'

const RULE = 'rule: x\nparams:\n  tiltDeg: { value: 15, unit: deg }\n  hold: { value: 2s, unit: duration }\nwhen: tiltDeg > 5\nobjects: { labels: [car] }\n'

describe('the difference of two versions', () => {
  it.each([
    ['a param with its unit', (text: string) => text.replace('15', '20'), [{ path: 'params.tiltDeg.value', before: 15, after: 20 }], 'tiltDeg 15 → 20 deg', 'tiltDeg 15 → 20 deg'],
    ['a duration', (text: string) => text.replace('2s', '5s'), [{ path: 'params.hold.value', before: '2s', after: '5s' }], 'hold 2s → 5s', 'hold 2s → 5s'],
    [
      'a condition',
      (text: string) => text.replace('tiltDeg > 5', 'displaced'),
      [{ path: 'when', before: 'tiltDeg > 5', after: 'displaced' }],
      'when tiltDeg > 5 → displaced',
      'when tiltDeg > 5 → displaced',
    ],
    ['something new', (text: string) => `${text}for: 2s\n`, [{ path: 'for', before: null, after: '2s' }], '新增 for：2s', 'for added: 2s'],
    [
      'something gone',
      (text: string) => text.replace(/objects.*\n/, ''),
      [{ path: 'objects', before: { labels: ['car'] }, after: null }],
      '删除 objects（原为 {"labels":["car"]}）',
      'objects removed (was {"labels":["car"]})',
    ],
    ['a list as a whole', (text: string) => text.replace('[car]', '[car, bus]'), [{ path: 'objects.labels', before: ['car'], after: ['car', 'bus'] }], /objects\.labels/, /→/],
    ['a comment', (text: string) => `# why\n${text}`, [], '只改了注释或排版', 'only comments or layout changed'],
    ['nothing', (text: string) => text, [], '没有变化', 'nothing changed'],
  ])('says %s', (_, change, changes, zh, en) => {
    const diff = diffRules(RULE, change(RULE))
    expect(diff.changes).toEqual(changes)
    expect([diff.sentence.zh, diff.sentence.en]).toEqual([zh, en].map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))))
  })

  it('is the whole rule for the first version, in few words', () => {
    const { changes, text, sentence } = diffRules('', RULE)
    expect(changes.map(({ path }) => path)).toEqual(['rule', 'params', 'when', 'objects'])
    expect(text).toBe(`@@ -0,0 +1,6 @@\n${RULE.replace(/^/gm, '+').slice(0, -1)}`)
    expect(sentence.en).toMatch(/^rule added: x; /)
  })

  it('takes a text that is no YAML for one that says nothing', () => {
    expect(diffRules('a: [', 'a: 1').changes).toEqual([{ path: 'a', before: null, after: 1 }])
  })
})

describe('the unified diff', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'diff-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** What git makes of a patch. */
  function applied(before: string, patch: string): string {
    const file = join(folder, 'text')
    writeFileSync(file, before)
    execFileSync('git', ['apply', '--unsafe-paths', '--unidiff-zero', '--whitespace=nowarn', '-'], { cwd: folder, input: `--- a/text\n+++ b/text\n${patch}` })
    return readFileSync(file, 'utf8')
  }

  it('is a patch that leads from one text to the other', { timeout: 30_000 }, () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '  d'), { minLength: 1, maxLength: 25 }).map((each) => `${each.join('\n')}\n`)
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const patch = unifiedDiff(before, after)
        expect(before === after ? patch : applied(before, patch)).toBe(before === after ? '' : after)
      }),
      { numRuns: 60 },
    )
  })

  it('of texts too long to compare says that all is new, at once', () => {
    const long = (word: string) => Array.from({ length: 5000 }, (_, i) => `${word}${i}\n`).join('')
    expect(unifiedDiff(long('a'), long('b')).split('\n')).toHaveLength(10_002)
  })
})
