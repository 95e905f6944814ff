import { CodedError } from '../../domain/errors.ts'
import type { Register, RuleBrief, RuleHead, RuleView } from '../../domain/ports/register.ts'
import type { Tables } from './book.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import type { RuleRecord } from './rules.ts'

/** The rules of the register as people read them. */
export function ruleViews({ rules }: Pick<Tables, 'rules'>): Pick<Register, 'rules' | 'rule' | 'ruleVersions'> {
  async function headsOf(ids: readonly string[]): Promise<RuleHead[]> {
    const [records, newest] = [await rules.heads(ids), await rules.newest(ids)]
    const parents = await parentsOf([...records.values()].flat())
    return ids.flatMap((id) => {
      const versions = (records.get(id) ?? []).filter(isReadable)
      const shown = present(versions)
      if (!shown) return []
      const inForce = versions.filter(({ state }) => state !== 'draft').map(brief)
      return { ...ruleView(shown, parents), newest: newest.get(id) ?? shown.version, inForce }
    })
  }

  /** Live sources of the rules that these extend. */
  async function parentsOf(records: readonly RuleRecord[]): Promise<ReadonlyMap<string, RuleRecord>> {
    const ids = new Set(records.flatMap(({ file }) => file?.extends ?? []))
    return ids.size === 0 ? new Map() : rules.live([...ids])
  }

  return {
    async rules({ limit, cursor }) {
      const ids = await rules.ids(cursor === undefined ? '' : decodeCursor(cursor, ['string'])[0], limit + 1)
      const page = pageOf(
        ids,
        limit,
        (id) => id,
        (id) => [id],
      )
      return { items: await headsOf(page.items), next: page.next }
    },
    async rule(id) {
      const [found] = await headsOf([id])
      if (!found) throw new CodedError('not_found')
      return found
    },
    async ruleVersions(id) {
      const versions = (await rules.versions(id)).filter(isReadable)
      if (versions.length === 0) throw new CodedError('not_found')
      const parents = await parentsOf(versions)
      const moves = Map.groupBy(await rules.moves(id), ({ version }) => version)
      return versions.map((each) => ({ ...ruleView(each, parents), moves: (moves.get(each.version) ?? []).map(({ version: _version, guard: _guard, ...move }) => move) }))
    },
  }
}

/** The version of each rule that counts; rules without any are left out. */
export async function presentRules(rules: Tables['rules'], ids: readonly string[]): Promise<Map<string, ReadableRule>> {
  const heads = ids.length === 0 ? new Map<string, RuleRecord[]>() : await rules.heads(ids)
  return new Map(
    [...heads].flatMap(([id, versions]) => {
      const shown = present(versions.filter(isReadable))
      return shown ? [[id, shown] as const] : []
    }),
  )
}

export type ReadableRule = RuleRecord & { file: NonNullable<RuleRecord['file']>; state: RuleView['state'] }

/** Removed versions are gone for people, and one that this program cannot read cannot be shown as a rule. */
export function isReadable(rule: RuleRecord): rule is ReadableRule {
  return rule.file !== null && rule.state !== 'removed'
}

/** The version that counts: the live one, else the one in shadow, else the newest draft. One that was quarantined was live, and people should hear of it. */
function present(versions: readonly ReadableRule[]): ReadableRule | undefined {
  const live = versions.filter(({ state }) => state === 'live')
  const first = (state: RuleView['state']) => versions.find((rule) => rule.state === state)
  return live.find(({ areas }) => areas === null) ?? live[0] ?? first('quarantined') ?? first('shadow') ?? versions[0]
}

function brief({ version, state, areas, guard, author, at, note, since, movedBy, why }: ReadableRule): RuleBrief {
  return { version, state, areas, guard, author, at, note, since, movedBy, why }
}

/** A version as people read it; `parents`: the live versions of the rules that it may extend. */
export function ruleView(rule: ReadableRule, parents: ReadonlyMap<string, Pick<RuleRecord, 'source'>>): RuleView {
  const { id, file, source, base } = rule
  const parent = file.extends === undefined ? undefined : parents.get(file.extends)
  return { ...brief(rule), id, file, source, base, baseOutdated: parent !== undefined && parent.source !== base }
}
