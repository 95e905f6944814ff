import { Spin } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Principal } from '../../domain/role.ts'
import { city, session } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import type { Prefs } from '../shell/prefs.ts'
import { SignedIn } from '../shell/signedIn.tsx'
import type { Store } from '../state/store.ts'
import { Login } from './login.tsx'

/** Who sits here? Nobody: the login. Somebody: the page. */
export function SessionGate({ prefs }: { prefs: Store<Prefs> }): ReactNode {
  const [turn, setTurn] = useState(0)
  const me = useLoad(`me ${turn}`, session.whoAmI)
  const next = (): void => setTurn((count) => count + 1)
  if (me.value) return <Entered key={me.value.name} who={me.value} prefs={prefs} leave={next} />
  if (me.problem && me.problem.status !== 401)
    return (
      <Centered>
        <ProblemNote problem={me.problem} again={me.again} />
      </Centered>
    )
  if (me.loading)
    return (
      <Centered>
        <Spin size="large" />
      </Centered>
    )
  return <Login prefs={prefs} entered={next} />
}

function Entered({ who, prefs, leave }: { who: Principal; prefs: Store<Prefs>; leave: () => void }): ReactNode {
  const site = useLoad('site', city.site)
  const rules = useLoad('rules', city.rules)
  const problem = site.problem ?? rules.problem
  if (problem)
    return (
      <Centered>
        <ProblemNote
          problem={problem}
          again={() => {
            site.again()
            rules.again()
          }}
        />
      </Centered>
    )
  if (!site.value || !rules.value)
    return (
      <Centered>
        <Spin size="large" />
      </Centered>
    )
  const signOut = (): void =>
    void session
      .logout()
      .catch(() => undefined)
      .then(leave)
  return <SignedIn who={who} prefs={prefs} site={site.value} rules={rules.value.items} signOut={signOut} expired={leave} />
}

function Centered({ children }: { children: ReactNode }): ReactNode {
  return <div className="centered">{children}</div>
}
