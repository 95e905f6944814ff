import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { CodedError, type Detail, messageOf } from '../../domain/errors.ts'
import { type Known, parseRuleFile } from '../../rules/file.ts'
import { mutate } from '../../rules/mutate.ts'
import { runScenarios } from '../../rules/scenario.ts'
import { parentOf } from '../../rules/source.ts'
import { warningsOf } from '../../rules/warnings.ts'
import { whereOf } from '../located.ts'

/** The city's own rules with their scenarios. */
export const BOOK_DIR = join(import.meta.dirname, '../../rules/book')
const SCENARIO = '.scenario.yaml'
/** The city's calendars stand beside its rules. */
export const CALENDARS = 'calendars.yaml'

/** Rule files below the given paths; a scenario file stands for its rule, the calendars for none. */
export function ruleFiles(paths: readonly string[]): string[] {
  const files = (paths.length > 0 ? paths : [BOOK_DIR]).flatMap((path) => {
    if (!existsSync(path) || !statSync(path).isDirectory()) return [path]
    return readdirSync(path)
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => join(path, name))
  })
  return [...new Set(files.filter((file) => basename(file) !== CALENDARS).map((file) => (file.endsWith(SCENARIO) ? `${file.slice(0, -SCENARIO.length)}.yaml` : file)))]
}

/** A rule of this file as it is parsed; what it extends stands beside it. */
function parseFile(file: string, known: Known): ReturnType<typeof parseRuleFile> & { source: string } {
  try {
    const source = readFileSync(file, 'utf8')
    return { ...parseRuleFile(source, baseBeside(file, source), known), source }
  } catch (error) {
    return { errors: [{ line: 1, column: 1, endColumn: 2, why: `the file cannot be read: ${messageOf(error)}` }], source: '' }
  }
}

function baseBeside(file: string, source: string): string | undefined {
  const parent = /^[\w-]+$/.test(parentOf(source) ?? '') ? join(dirname(file), `${parentOf(source)}.yaml`) : undefined
  return parent !== undefined && existsSync(parent) ? readFileSync(parent, 'utf8') : undefined
}

/** A rule file that is right. */
export interface CheckedRule {
  id: string
  source: string
  file: string
}

/** Reads rule files: those that are right, and everything that is wrong with the others. */
export function checkRules(paths: readonly string[], known: Known = {}): { files: number; rules: CheckedRule[]; faults: Detail[] } {
  const files = ruleFiles(paths)
  const names = [...new Set([...files, ...ruleFiles([BOOK_DIR, ...new Set(files.filter(existsSync).map(dirname))])].map((file) => basename(file, '.yaml')))]
  const rules: CheckedRule[] = []
  const faults: Detail[] = []
  for (const file of files) {
    const parsed = parseFile(file, { rules: names, ...known })
    const found = 'errors' in parsed ? parsed.errors.map((error) => ({ where: whereOf(file, error), why: error.why })) : nameFaults(file, parsed.file.rule, rules)
    faults.push(...found)
    if ('file' in parsed && found.length === 0) rules.push({ id: parsed.file.rule, source: parsed.source, file })
  }
  return { files: files.length, rules, faults }
}

function nameFaults(file: string, rule: string, others: readonly CheckedRule[]): Detail[] {
  const other = others.find(({ id }) => id === rule)
  if (other) return [{ where: `${file}:1:1`, why: `rule ${rule} stands in ${other.file} too` }]
  return `${rule}.yaml` === basename(file) ? [] : [{ where: `${file}:1:1`, why: `the file must be named after its rule, ${rule}.yaml` }]
}

/** Ids of the calendars that stand beside these rules; undefined where none do: then nobody can say which ones the city has. */
function calendarsBeside(files: readonly string[]): string[] | undefined {
  const beside = [...new Set(files.map((file) => join(dirname(file), CALENDARS)))].filter(existsSync)
  return beside.length === 0 ? undefined : beside.flatMap((file) => Object.keys(parse(readFileSync(file, 'utf8')) ?? {}))
}

function knownCalendars(calendars: readonly string[] | undefined): Known {
  return calendars === undefined ? {} : { calendars }
}

export function commandRulesCheck(paths: readonly string[], { calendars }: { calendars?: string } = {}): number {
  const { files, rules, faults } = checkRules(paths, knownCalendars(calendars?.split(',') ?? calendarsBeside(ruleFiles(paths))))
  for (const { where, why } of faults) process.stderr.write(`${where}: ${why}\n`)
  for (const { file, source } of rules)
    for (const { line, column, why } of warningsOf(source, baseBeside(file, source))) process.stderr.write(`${file}:${line}:${column}: warning: ${why}\n`)
  process.stdout.write(faults.length > 0 ? `${faults.length} errors in ${files} files\n` : `${files} rules are valid\n`)
  return faults.length > 0 ? 1 : 0
}

/** Runs the scenarios beside each rule; a rule without any fails, because nobody has said what it must do. */
export function commandRulesTest(paths: readonly string[]): number {
  let [passed, failed] = [0, 0]
  for (const file of ruleFiles(paths)) {
    for (const { name, reasons } of scenariosOf(file)) {
      if (reasons.length === 0) passed++
      else failed++
      process.stdout.write(`${reasons.length === 0 ? 'ok  ' : 'FAIL'} ${basename(file, '.yaml')}: ${name}\n${reasons.map((each) => `       ${each}\n`).join('')}`)
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  return failed > 0 ? 1 : 0
}

/** Each scenario with what is wrong, with file and line. */
function scenariosOf(file: string): { name: string; reasons: string[] }[] {
  const scenarios = file.replace(/\.yaml$/, SCENARIO)
  if (!existsSync(file)) return [{ name: file, reasons: [`${file}:1: there is no such file`] }]
  if (!existsSync(scenarios)) return [{ name: 'scenarios', reasons: [`${scenarios}:1: there is no such file`] }]
  try {
    const rule = readFileSync(file, 'utf8')
    const results = runScenarios(rule, readFileSync(scenarios, 'utf8'), baseBeside(file, rule))
    return results.map(({ name, line, differences }) => ({ name, reasons: differences.map((each) => `${scenarios}:${line}: ${each}`) }))
  } catch (error) {
    return [{ name: 'scenarios', reasons: reasonsOf(error, file, scenarios) }]
  }
}

/** Why the scenarios of a rule cannot be run, with file, line and column. */
function reasonsOf(error: unknown, file: string, scenarios: string): string[] {
  if (!(error instanceof CodedError) || !error.details?.length) return [`${file}:1: ${messageOf(error)}`]
  return error.details.map(({ where, why }) => `${error.code === 'scenarios.invalid' ? scenarios : file}:${where}: ${why}`)
}

/** Changes every threshold, hold and comparison by one step; what no scenario notices is printed with its place. */
export function commandRulesMutate(paths: readonly string[]): number {
  const total = { mutants: 0, survivors: 0, equivalent: 0 }
  for (const file of ruleFiles(paths)) {
    const { mutants, equivalent, lines } = mutationOf(file)
    total.mutants += mutants
    total.equivalent += equivalent
    total.survivors += lines.length
    process.stdout.write(
      `${lines.length === 0 ? 'ok  ' : 'FAIL'} ${basename(file, '.yaml')}: ${mutants} changes, ${equivalent} without effect\n${lines.map((each) => `       ${each}\n`).join('')}`,
    )
  }
  process.stdout.write(`${total.mutants} changes, ${total.survivors} survivors, ${total.equivalent} equivalent\n`)
  return total.survivors > 0 ? 1 : 0
}

function mutationOf(file: string): { mutants: number; equivalent: number; lines: string[] } {
  const scenarios = file.replace(/\.yaml$/, SCENARIO)
  if (!existsSync(file) || !existsSync(scenarios)) return { mutants: 0, equivalent: 0, lines: [`there is no ${existsSync(file) ? scenarios : file}`] }
  try {
    const source = readFileSync(file, 'utf8')
    const { mutants, equivalent, survivors, stale } = mutate(source, readFileSync(scenarios, 'utf8'), baseBeside(file, source))
    const survived = survivors.map(({ line, name }) => `${file}:${line}: ${name}: no scenario notices; one needs a value between the two`)
    return { mutants, equivalent, lines: [...survived, ...stale.map((name) => `${scenarios}: "${name}": a scenario notices it, or there is no such change`)] }
  } catch (error) {
    return { mutants: 0, equivalent: 0, lines: reasonsOf(error, file, scenarios) }
  }
}
