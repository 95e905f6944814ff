import { expect, it } from 'vitest'
import { parseRuleFile } from './file.ts'
import { bookRule } from './hand.fixture.ts'

const whys = (text: string): string[] => {
  const parsed = parseRuleFile(text)
  return 'errors' in parsed ? parsed.errors.map(({ why }) => why) : []
}
const edited = (line: RegExp, by: string): string => bookRule('cover-water-high').replace(line, by)

it.each<[string, RegExp, string, string[]]>([
  ['what CEL has and the rule language has not', /^when:.*$/m, 'when: waterMm > 1.0 && [1, 2].exists(n, n > 1)', ['when: "exists" is not part of the rule language']],
  ['a severity that is none', /^severity:.*$/m, 'severity: \'waterMm > 900.0 ? "critical" : "urgent"\'', ['severity: "urgent" is not one of critical, major, minor, info']],
  ['a severity that may be two', /^severity:.*$/m, 'severity: \'waterMm > 900.0 ? "critical" : "major"\'', []],
])('S18 a rule is checked for %s', (_what, line, by, expected) => {
  expect(whys(edited(line, by))).toEqual(expected)
})
