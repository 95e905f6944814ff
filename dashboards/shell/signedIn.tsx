import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { Principal } from '../../domain/role.ts'
import type { RuleRow, Site } from '../api/client.ts'
import type { FeedWorld } from '../api/feed.ts'
import { isSignedOut, startLive } from '../state/live.ts'
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

/** Starts the live city for who has signed in, and ends it with the session. */
export function SignedIn(props: SignedInProps): ReactNode {
  const [running, setRunning] = useState<Pick<Page, 'live' | 'route' | 'go'> | null>(null)
  useEffect(() => {
    const live = startLive(BROWSER)
    const { route, go, close } = openRoute(window)
    setRunning({ live, route, go })
    return () => {
      live.close()
      close()
    }
  }, [])
  return running && <Running {...props} {...running} />
}

function Running({ who, prefs, site, rules, signOut, expired, live, route, go }: SignedInProps & Pick<Page, 'live' | 'route' | 'go'>): ReactNode {
  const failed = useStore(live.state, (state) => state.failed)
  useEffect(() => {
    if (isSignedOut(failed)) expired()
  }, [failed, expired])
  const page = useMemo<Page>(
    () => ({ live, prefs, route, go, who, site, rules: new Map(rules.map((rule) => [rule.id, rule])), signOut }),
    [live, prefs, route, go, who, site, rules, signOut],
  )
  return (
    <PageContext value={page}>
      <Shell />
    </PageContext>
  )
}
