import { Button, Empty, Spin } from 'antd'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Alert } from '../../domain/alert.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { useCity, usePage } from '../shell/page.ts'
import { useStore } from '../state/store.ts'
import { AlertRow } from './alertRow.tsx'
import { createSelection, EVERYTHING, narrowing } from './filter.ts'
import { FilterBar } from './filterBar.tsx'
import { type HeldRows, heldRows } from './held.ts'
import { QuietBar } from './quietBar.tsx'
import { type ListHandle, VirtualList } from './virtualList.tsx'
import { useWorkbench } from './workbench.tsx'
import './alerts.css'

const ROW_HEIGHT = 76
/** A hand that rests this long is not about to click. */
const HAND_MS = 2500

/** The queue. Live, but never moving under the hand. */
export function AlertList(): ReactNode {
  const { t } = useWords()
  const { filter, cursor, rows } = useWorkbench()
  const { route } = usePage()
  const opened = useStore(route, (state) => (state.page === 'map' ? state.alert : null))
  const book = useCity((city) => city.alerts)
  const list = useRef<ListHandle>(null)
  const selected = useSelected()
  const [held, hand] = useHold(selected, filter)
  const { shown, fresh } = heldRows(held, selected, book.byId)
  rows.current = useMemo(() => shown.map((alert) => alert.id), [shown])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a moved cursor scrolls, not a changed list
  useEffect(() => {
    const index = cursor === null ? -1 : rows.current.indexOf(cursor)
    if (index !== -1) list.current?.show(index)
  }, [cursor])
  return (
    <aside className="list" aria-label={t('list.label')}>
      <FilterBar shown={shown.length} />
      <QuietBar />
      <div className="list-body" onPointerMove={hand.touch} onPointerLeave={hand.leave}>
        {fresh > 0 && (
          <Button
            className="list-fresh"
            size="small"
            type="primary"
            shape="round"
            onClick={() => {
              hand.release()
              list.current?.top()
            }}
          >
            {t('list.fresh', { n: fresh })}
          </Button>
        )}
        {shown.length === 0 ? (
          <Nothing />
        ) : (
          <VirtualList
            handle={list}
            items={shown}
            rowHeight={ROW_HEIGHT}
            label={t('list.label')}
            keyOf={(alert) => alert.id}
            onScrolled={hand.scrolled}
            row={(alert) => <AlertRow alert={alert} opened={alert.id === opened} underCursor={alert.id === cursor} />}
          />
        )}
      </div>
      <Older />
    </aside>
  )
}

function useSelected(): readonly Alert[] {
  const { filter } = useWorkbench()
  const { live, prefs } = usePage()
  const sorting = useStore(prefs, (state) => state.sorting)
  const book = useCity((city) => city.alerts)
  const places = useCity((city) => city.places)
  const select = useMemo(createSelection, [])
  // Names of assets matter to a text search only, and change with `places`, not with every reading.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `places` stands for the names in the register
  const assets = useMemo(() => (filter.text === '' ? null : live.city.get().assets), [filter.text, places, live])
  return select(book, filter, sorting, assets)
}

interface Hand {
  touch: () => void
  leave: () => void
  scrolled: (top: number) => void
  release: () => void
}

function useHold(selected: readonly Alert[], question: unknown): [HeldRows | null, Hand] {
  const [held, setHeld] = useState<HeldRows | null>(null)
  const newest = useRef(selected)
  newest.current = selected
  const away = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const hand = useMemo<Hand>(() => {
    const take = (): void => setHeld((before) => before ?? { ids: newest.current.map((alert) => alert.id) })
    const release = (): void => {
      clearTimeout(timer.current)
      away.current = false
      setHeld(null)
    }
    const letGo = (): void => {
      if (!away.current) release()
    }
    return {
      touch: () => {
        take()
        clearTimeout(timer.current)
        timer.current = setTimeout(letGo, HAND_MS)
      },
      leave: letGo,
      scrolled: (top) => {
        away.current = top > 0
        if (away.current) take()
        else letGo()
      },
      release,
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question gets its own rows
  useEffect(() => hand.release(), [question, hand])
  useEffect(() => () => clearTimeout(timer.current), [])
  return [held, hand]
}

/** Why the list is empty: still loading, unreadable, filtered away, or really nothing to do. */
function Nothing(): ReactNode {
  const { t } = useWords()
  const { live } = usePage()
  const { filter, setFilter } = useWorkbench()
  const loaded = useCity((city) => city.loaded)
  const failed = useStore(live.state, (state) => state.failed)
  if (failed && !loaded) return <ProblemNote problem={failed} again={live.reload} />
  if (!loaded) return <Spin className="list-wait" />
  const narrowed = narrowing(filter) > 0
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t(narrowed ? 'list.noneMatch' : filter.scope === 'todo' ? 'list.allDone' : 'list.none')}>
      {narrowed && <Button onClick={() => setFilter({ ...EVERYTHING, scope: filter.scope, quiet: filter.quiet })}>{t('filter.clear')}</Button>}
    </Empty>
  )
}

function Older(): ReactNode {
  const { t } = useWords()
  const { live } = usePage()
  const older = useStore(live.state, (state) => state.older)
  const [busy, setBusy] = useState(false)
  if (older === null) return null
  const read = async (): Promise<void> => {
    setBusy(true)
    await live.loadOlder().catch(() => undefined)
    setBusy(false)
  }
  return (
    <Button block type="text" loading={busy} onClick={() => void read()}>
      {t('list.older')}
    </Button>
  )
}
