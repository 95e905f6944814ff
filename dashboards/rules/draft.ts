/** An edit that is not saved yet, kept in this browser: neither a reload nor a lost session takes an author's text. */
export interface Draft {
  /** Version whose text was edited, 0 for a new rule. */
  from: number
  /** Newest version when the edit began: what the platform compares with. */
  newest: number
  text: string
}

type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
const keyOf = (rule: string): string => `wanglou.draft.${rule}`

export function keptDraft(storage: Keep, rule: string): Draft | undefined {
  try {
    const draft = JSON.parse(storage.getItem(keyOf(rule)) ?? 'null') as Partial<Draft> | null
    return typeof draft?.text === 'string' && Number.isInteger(draft.from) && Number.isInteger(draft.newest) ? (draft as Draft) : undefined
  } catch {
    return undefined
  }
}

/** A browser that refuses storage keeps the text as long as the page is open. */
export function keepDraft(storage: Keep, rule: string, draft: Draft | undefined): void {
  try {
    if (draft) storage.setItem(keyOf(rule), JSON.stringify(draft))
    else storage.removeItem(keyOf(rule))
  } catch {
    return
  }
}
