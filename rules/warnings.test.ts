import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ruleText } from './rule.fixture.ts'
import { parentOf } from './source.ts'
import { warningsOf } from './warnings.ts'

const BOOK = join(import.meta.dirname, 'book')
const whys = (text: string): string[] => warningsOf(text).map(({ why }) => why)

describe('what a rule probably does not mean', () => {
  it.each<[string, Parameters<typeof ruleText>[0], string[]]>([
    ['a zone', { on: 'vehicle', when: "!inside('siet')" }, ['the book knows no zone on the map "siet"; did you mean "site"?']],
    ['a zone that it has entered', { on: 'vehicle', when: "entered('dpot')" }, ['the book knows no zone on the map "dpot"; did you mean "depot"?']],
    [
      'a label and a zone in the picture',
      { on: 'scene', when: "objects('garbige', 'stret') > 0" },
      ['the book knows no label "garbige"; did you mean "garbage"?', 'the book knows no zone in a picture "stret"; did you mean "street"?'],
    ],
    ['a permit', { on: 'vehicle', when: "!permit('tranport')" }, ['the book knows no permit "tranport"; did you mean "transport"?']],
    [
      'a sort of case',
      { on: 'cover', when: 'displaced', more: 'inform: openCase("maintainance")' },
      ['the book knows no sort of case "maintainance"; did you mean "maintenance"?'],
    ],
    ['an alarm', { on: 'vehicle', when: "'power-cut' in alarms" }, ['the book knows no alarm of a vehicle "power-cut"; did you mean "power_cut"?']],
    [
      'labels of objects',
      { on: 'scene', when: "label in ['trcuk', 'bus'] && score > 0.5", more: 'each: object\nobjects: { labels: [car, person, two-wheler], zone: no-parkin }' },
      [
        'the book knows no label "trcuk"; did you mean "truck"?',
        'the book knows no label "two-wheler"; did you mean "two-wheeler"?',
        'the book knows no zone in a picture "no-parkin"; did you mean "no-parking"?',
      ],
    ],
    ['nothing of names of a city’s own', { on: 'vehicle', when: "inside('harbour') || inside('dump-1') || permit('quarry')" }, []],
    ['nothing of a text with errors', { on: 'vehicle', when: "inside('siet') && nothing" }, []],
  ])('%s', (_, rule, expected) => {
    expect(whys(ruleText(rule))).toEqual(expected)
  })

  it('has its place', () => {
    expect(warningsOf("rule: r\ntitle: { zh: 试, en: test }\non: vehicle\nwhen: ignition && !inside('siet')\nseverity: major\n")).toMatchObject([
      { line: 4, column: 27, endColumn: 33 },
    ])
  })

  it('is nothing in the book', () => {
    const read = (name: string): string => readFileSync(join(BOOK, name), 'utf8')
    const rules = readdirSync(BOOK).filter((name) => name.endsWith('.yaml') && !name.endsWith('.scenario.yaml') && name !== 'calendars.yaml')
    expect(rules.flatMap((name) => warningsOf(read(name), parentOf(read(name)) && read(`${parentOf(read(name))}.yaml`)).map(({ why }) => `${name}: ${why}`))).toEqual([])
  })
})
