import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '../../domain/errors.ts'
import { parseRuleFile } from '../../rules/file.ts'
import { runScenarios } from '../../rules/scenario.ts'
import { parentOf } from '../../rules/source.ts'

/** The city's own rules with their scenarios. */
export const BOOK_DIR = join(import.meta.dirname, '../../rules/book')
const SCENARIO = '.scenario.yaml'
/** The city's calendars stand beside its rules. */
export const CALENDARS = 'calendars.yaml'

/** Rule files below the given paths; scenario files are not rules. */
export function ruleFiles(paths: readonly string[]): string[] {
  return (paths.length > 0 ? paths : [BOOK_DIR]).flatMap((path) => {
    if (!existsSync(path) || !statSync(path).isDirectory()) return [path]
    return readdirSync(path)
      .filter((name) => name.endsWith('.yaml') && !name.endsWith(SCENARIO) && name !== CALENDARS)
      .sort()
      .map((name) => join(path, name))
  })
}

/** A rule of this file as it is parsed; what it extends stands beside it. */
export function parseFile(file: string): ReturnType<typeof parseRuleFile> & { source: string } {
  const source = readFileSync(file, 'utf8')
  return { ...parseRuleFile(source, baseBeside(file, source)), source }
}

function baseBeside(file: string, source: string): string | undefined {
  const parent = /^[\w-]+$/.test(parentOf(source) ?? '') ? join(dirname(file), `${parentOf(source)}.yaml`) : undefined
  return parent !== undefined && existsSync(parent) ? readFileSync(parent, 'utf8') : undefined
}

/** One line for everything that is wrong with the files; empty if nothing is. */
export function checkRules(paths: readonly string[]): { files: number; errors: string[] } {
  const files = ruleFiles(paths)
  const owner = new Map<string, string>()
  const errors = files.flatMap((file) => {
    if (!existsSync(file)) return [`${file}: there is no such file`]
    const parsed = parseFile(file)
    if ('errors' in parsed) return parsed.errors.map(({ line, column, why }) => `${file}:${line}:${column}: ${why}`)
    const other = owner.get(parsed.file.rule)
    owner.set(parsed.file.rule, file)
    if (other !== undefined) return [`${file}:1:1: rule ${parsed.file.rule} stands in ${other} too`]
    if (`${parsed.file.rule}.yaml` !== basename(file)) return [`${file}:1:1: the file must be named after its rule, ${parsed.file.rule}.yaml`]
    return []
  })
  return { files: files.length, errors }
}

export function commandRulesCheck(paths: readonly string[]): number {
  const { files, errors } = checkRules(paths)
  for (const error of errors) process.stderr.write(`${error}\n`)
  process.stdout.write(errors.length > 0 ? `${errors.length} errors in ${files} files\n` : `${files} rules are valid\n`)
  return errors.length > 0 ? 1 : 0
}

/** Runs the scenarios beside each rule; a rule without any fails, because nobody has said what it must do. */
export function commandRulesTest(paths: readonly string[]): number {
  let [passed, failed] = [0, 0]
  for (const file of ruleFiles(paths)) {
    for (const { name, differences } of scenariosOf(file)) {
      if (differences.length === 0) passed++
      else failed++
      process.stdout.write(`${differences.length === 0 ? 'ok  ' : 'FAIL'} ${basename(file, '.yaml')}: ${name}\n${differences.map((each) => `       ${each}\n`).join('')}`)
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  return failed > 0 ? 1 : 0
}

function scenariosOf(file: string): { name: string; differences: string[] }[] {
  const scenarios = file.replace(/\.yaml$/, SCENARIO)
  if (!existsSync(file)) return [{ name: file, differences: ['there is no such file'] }]
  if (!existsSync(scenarios)) return [{ name: 'scenarios', differences: [`there is no ${basename(scenarios)}`] }]
  try {
    const rule = readFileSync(file, 'utf8')
    return runScenarios(rule, readFileSync(scenarios, 'utf8'), baseBeside(file, rule))
  } catch (error) {
    return [{ name: 'scenarios', differences: messageOf(error).split('\n') }]
  }
}
