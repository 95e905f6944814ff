import type { CompiledRule } from './rule.ts'

/**
 * Whether two versions judge alike: the same conditions, holds and params, and the same on the alert. An edit from one to
 * the other changes nothing that is held. Titles, help, selectors and overrides may differ.
 */
export function judgesAlike(a: CompiledRule, b: CompiledRule): boolean {
  return a === b || kept(judgements, a, judgement) === kept(judgements, b, judgement)
}

/** Whether two versions raise alike: what began under one had begun under the other. */
export function raisesAlike(a: CompiledRule, b: CompiledRule): boolean {
  return a === b || kept(raisings, a, raising) === kept(raisings, b, raising)
}

const judgements = new WeakMap<CompiledRule, string>()
const raisings = new WeakMap<CompiledRule, string>()

/** An edit compares the same two rules for every asset. */
function kept(known: WeakMap<CompiledRule, string>, rule: CompiledRule, text: (rule: CompiledRule) => string): string {
  const found = known.get(rule) ?? text(rule)
  known.set(rule, found)
  return found
}

/** Everything of a rule but what only people read, what only selects, and what is asked of an alert that stands: a word that is new in the language counts. */
function judgement(rule: CompiledRule): string {
  const {
    title: _title,
    help: _help,
    source: _source,
    matter: _matter,
    overrides: _overrides,
    assets: _assets,
    extends: _extends,
    params: _params,
    attribute: _attribute,
    fuse: _fuse,
    doubt: _doubt,
    ...rest
  } = rule.file
  return JSON.stringify([sorted(rest), sorted(rule.params), rule.schedule?.id, rule.zones])
}

function raising({ file, params, forMs, schedule, zones }: CompiledRule): string {
  // `score` is asked for by functions without being named.
  const named = sorted(params).filter(([name]) => name === 'score' || new RegExp(`\\bparams\\.${name}\\b`).test(file.when))
  return JSON.stringify([file.on, file.each, file.objects, file.when, forMs, named, schedule?.id, zones])
}

/** Authors order words as they like. */
function sorted(words: object): [string, unknown][] {
  return Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1))
}
