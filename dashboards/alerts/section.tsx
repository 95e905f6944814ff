import type { ReactNode } from 'react'
import { Boundary } from '../shell/boundary.tsx'

/** One part of the panel; what breaks in it leaves the others as they are. */
export function Section({ title, extra, children }: { title: string; extra?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <h3>{title}</h3>
        {extra}
      </div>
      <Boundary>{children}</Boundary>
    </section>
  )
}
