import type { ReactNode } from 'react'

export function Section({ title, extra, children }: { title: string; extra?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <h3>{title}</h3>
        {extra}
      </div>
      {children}
    </section>
  )
}
