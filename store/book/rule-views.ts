import { CodedError } from '../../domain/errors.ts'
import type { Register, RuleView } from '../../domain/ports/register.ts'
import type { Tables } from './book.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import type { RuleRecord } from './rules.ts'

/** The rules of the register as people read them. */
export function ruleViews({ rules }: Pick<Tables, 'rules'>): Pick<Register, 'rules' | 'rule' | 'ruleVersions'> {
  return {
    async rules({ limit, cursor }) {
      const ids = await rules.ids(cursor === undefined ? '' : decodeCursor(cursor, ['string'])[0], limit + 1)
      const page = pageOf(
        ids,
        limit,
        (id) => id,
        (id) => [id],
      )
      const records = await Promise.all(page.items.map((id) => rules.versions(id)))
      return { items: records.flatMap((versions) => present(versions) ?? []).map(ruleView), next: page.next }
    },
    async rule(id) {
      const found = present(await rules.versions(id))
      if (!found) throw new CodedError('not_found')
      return ruleView(found)
    },
    async ruleVersions(id) {
      const versions = (await rules.versions(id)).filter(isReadable)
      if (versions.length === 0) throw new CodedError('not_found')
      return versions.map(ruleView)
    },
  }
}

type ReadableRule = RuleRecord & { file: NonNullable<RuleRecord['file']>; state: RuleView['state'] }

/** Removed versions are gone for people, and one that this program cannot read cannot be shown as a rule. */
function isReadable(rule: RuleRecord): rule is ReadableRule {
  return rule.file !== null && rule.state !== 'removed'
}

/** The version that counts: the live one, else the one in shadow, else the newest draft. */
function present(versions: readonly RuleRecord[]): ReadableRule | undefined {
  const readable = versions.filter(isReadable)
  return readable.find((rule) => rule.state === 'live') ?? readable.find((rule) => rule.state === 'shadow') ?? readable[0]
}

function ruleView({ id, version, state, author, at, note, file, source }: ReadableRule): RuleView {
  return { id, version, state, author, at, note, file, source }
}
