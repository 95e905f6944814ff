import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Principal } from '../../domain/role.ts'
import { city, type RuleRow, type Site } from '../api/client.ts'
import type { FeedWorld } from '../api/feed.ts'
import { isSignedOut, startLive } from '../state/live.ts'
import { openRuleBook, type RuleBook } from '../state/ruleBook.ts'
import { type Store, useStore } from '../state/store.ts'
import { openRoute, type Page, PageContext } from './page.ts'
import type { Prefs } from './prefs.ts'
import { Shell } from './shell.tsx'

const BROWSER: FeedWorld = {
  open: (url) => new EventSource(url),
  now: () => Date.now(),
  random: Math.random,
  later: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

interface SignedInProps {
  who: Principal
  prefs: Store<Prefs>
  site: Site
  rules: RuleRow[]
  signOut: () => void
  /** The session ended by itself. */
  expired: () => void
}

type Parts = Pick<Page, 'live' | 'route' | 'go'> & { book: RuleBook }

/** Starts the live city for who has signed in, and ends it with the session. */
export function SignedIn(props: SignedInProps): ReactNode {
  const [running, setRunning] = useState<Parts | null>(null)
  const first = useRef(props.rules)
  useEffect(() => {
    const book = openRuleBook(first.current, (signal) => city.rules(signal).then(({ items }) => items))
    const live = startLive(BROWSER, book.hear, book.reload)
    const { route, go, close } = openRoute(window)
    const forget = whenLookedAt(window, book.reload)
    setRunning({ live, route, go, book })
    return () => {
      forget()
      live.close()
      book.close()
      close()
    }
  }, [])
  return running && <Running {...props} {...running} />
}

/** Whoever comes back to the page finds it as the city is now. */
function whenLookedAt(world: Window, act: () => void): () => void {
  world.addEventListener('focus', act)
  return () => world.removeEventListener('focus', act)
}

function Running({ who, prefs, site, signOut, expired, live, route, go, book }: SignedInProps & Parts): ReactNode {
  const failed = useStore(live.state, (state) => state.failed)
  const rules = useStore(book.rules, (known) => known)
  useEffect(() => {
    if (isSignedOut(failed)) expired()
  }, [failed, expired])
  const page = useMemo<Page>(
    () => ({ live, prefs, route, go, who, site, rules, takeRules: book.take, reloadRules: book.reload, signOut }),
    [live, prefs, route, go, who, site, rules, book, signOut],
  )
  return (
    <PageContext value={page}>
      <Shell />
    </PageContext>
  )
}
