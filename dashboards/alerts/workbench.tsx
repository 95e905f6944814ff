import { createContext, type Dispatch, type ReactNode, type RefObject, type SetStateAction, useContext, useEffect, useMemo, useRef, useState } from 'react'
import type { Verdict } from '../../domain/alert.ts'
import { usePage } from '../shell/page.ts'
import { useStore } from '../state/store.ts'
import { type Actions, useActions } from './actions.ts'
import { EVERYTHING, type Filter } from './filter.ts'
import { type KeyWish, rowAfter, wishOf } from './keys.ts'

/** What list, panel, header and keyboard share while an operator works. */
export interface Workbench {
  filter: Filter
  setFilter: Dispatch<SetStateAction<Filter>>
  /** The row that the keyboard is on. */
  cursor: string | null
  setCursor: (id: string | null) => void
  /** Ids of the rows as the list shows them now; the list writes, the keyboard reads. */
  rows: RefObject<readonly string[]>
  /** A verdict that was chosen and waits for its reason. */
  asking: Verdict | null
  setAsking: (verdict: Verdict | null) => void
  /** What is decided of the opened alert is decided of the others of its group too. */
  together: boolean
  setTogether: (together: boolean) => void
  help: boolean
  setHelp: (open: boolean) => void
  markAllRead: () => void
  actions: Actions
}

const WorkbenchContext = createContext<Workbench | null>(null)

export function useWorkbench(): Workbench {
  const bench = useContext(WorkbenchContext)
  if (!bench) throw new Error('useWorkbench outside of the workbench')
  return bench
}

export function Workbench({ children }: { children: ReactNode }): ReactNode {
  const { live, route } = usePage()
  const [filter, setFilter] = useState(EVERYTHING)
  const [cursor, setCursor] = useState<string | null>(null)
  const [asking, setAsking] = useState<Verdict | null>(null)
  const [together, setTogether] = useState(false)
  const [help, setHelp] = useState(false)
  const rows = useRef<readonly string[]>([])
  const actions = useActions()
  const opened = useStore(route, (state) => (state.page === 'map' ? state.alert : null))

  useEffect(() => {
    setAsking(null)
    setTogether(false)
    if (opened === null) return
    setCursor(opened)
    live.put({ what: 'read', alert: opened })
  }, [opened, live])
  const bench = useMemo<Workbench>(
    () => ({ filter, setFilter, cursor, setCursor, rows, asking, setAsking, together, setTogether, help, setHelp, markAllRead: () => live.put({ what: 'readAll' }), actions }),
    [filter, cursor, asking, together, help, actions, live],
  )
  useKeyboard(bench, opened)
  return <WorkbenchContext value={bench}>{children}</WorkbenchContext>
}

function useKeyboard(bench: Workbench, opened: string | null): void {
  const { go, route } = usePage()
  const lastIndex = useRef(0)
  const grant = useRef<(wish: KeyWish) => void>(() => undefined)
  grant.current = (wish) => {
    if (wish.wish === 'help') return bench.setHelp(!bench.help)
    if (wish.wish === 'close') return close(bench, opened, () => go({ page: 'map', alert: null }))
    if (bench.help || route.get().page !== 'map') return
    const move = (by: 1 | -1): void => {
      const next = rowAfter(bench.rows.current, bench.cursor, lastIndex.current, by)
      if (next === null) return
      lastIndex.current = bench.rows.current.indexOf(next)
      bench.setCursor(next)
      // With the panel open, going on means judging the next one.
      if (opened !== null) go({ page: 'map', alert: next })
    }
    if (wish.wish === 'move') return move(wish.by)
    if (wish.wish === 'open' && bench.cursor !== null) return go({ page: 'map', alert: bench.cursor })
    if (wish.wish === 'search') return document.getElementById('alert-search')?.focus()
    if (wish.wish === 'locate') return document.getElementById('alert-locate')?.click()
    if (wish.wish === 'acknowledge' && bench.cursor !== null) return void bench.actions.acknowledge(bench.cursor, bench.together && bench.cursor === opened)
    // A verdict and a dispatch need the panel: nobody judges what he has not opened.
    if (opened === null) return
    if (wish.wish === 'judge') return wish.verdict === 'confirmed' ? void bench.actions.judge(opened, wish.verdict, '', bench.together) : bench.setAsking(wish.verdict)
    if (wish.wish === 'dispatch') document.getElementById('alert-dispatch')?.focus()
  }
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target instanceof HTMLElement ? event.target : null
      const inField =
        target !== null && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !/^(checkbox|radio|button)$/.test((target as HTMLInputElement).type)
      const onButton = target !== null && /^(BUTTON|A)$/.test(target.tagName)
      const wish = wishOf({ key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey, repeat: event.repeat, inField, onButton })
      if (!wish || event.defaultPrevented) return
      if (wish.wish !== 'close') event.preventDefault()
      grant.current(wish)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}

/** Escape takes back one thing at a time: the question for a reason, then the focus, then the panel. */
function close(bench: Workbench, opened: string | null, shut: () => void): void {
  const focused = document.activeElement
  if (bench.help) bench.setHelp(false)
  else if (bench.asking !== null) bench.setAsking(null)
  else if (focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement) focused.blur()
  else if (opened !== null) shut()
}
