import type { ReactNode } from 'react'
import { usePage } from './page.ts'
import { pathOf, type Route } from './route.ts'

/** A real link to a place of the page: opens in place, and in a new tab when the browser is asked for one. */
export function PlaceLink({ to, className, current, children }: { to: Route; className?: string; current?: boolean; children: ReactNode }): ReactNode {
  const { go } = usePage()
  return (
    <a
      href={pathOf(to)}
      className={className}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        event.stopPropagation()
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        go(to)
      }}
    >
      {children}
    </a>
  )
}
