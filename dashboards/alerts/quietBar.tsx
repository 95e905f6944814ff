import { Button, Drawer } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useWords } from '../i18n/language.tsx'
import { useCity } from '../shell/page.ts'
import { countsOf, quietParts } from './filter.ts'
import { useWorkbench } from './workbench.tsx'

const SilenceList = lazy(() => import('./silenceList.tsx'))

/** What the list does not show, how much of it and why, so that nothing is hidden without saying so. */
export function QuietBar(): ReactNode {
  const { t, word } = useWords()
  const { filter, setFilter } = useWorkbench()
  const parts = quietParts(useCity((city) => countsOf(city.alerts)).quiet[filter.scope])
  const [open, setOpen] = useState(false)
  const all = parts.reduce((sum, { count }) => sum + count, 0)
  return (
    <div className="quiet" data-testid="quiet-bar">
      <span className="quiet-text">
        <b>{t('quiet.count', { n: all })}</b>
        {parts.map(({ reason, count }) => (
          <span key={reason}>{t('quiet.part', { reason: word('attention', reason), n: count })}</span>
        ))}
      </span>
      {(all > 0 || filter.quiet) && (
        <Button size="small" type={filter.quiet ? 'primary' : 'default'} aria-pressed={filter.quiet} onClick={() => setFilter((before) => ({ ...before, quiet: !before.quiet }))}>
          {t(filter.quiet ? 'quiet.hide' : 'quiet.show')}
        </Button>
      )}
      <Button size="small" type="text" data-testid="btn-silences" onClick={() => setOpen(true)}>
        {t('quiet.silences')}
      </Button>
      <Drawer open={open} onClose={() => setOpen(false)} title={t('quiet.silences')} placement="left" size={760} destroyOnHidden>
        <Suspense>
          <SilenceList />
        </Suspense>
      </Drawer>
    </div>
  )
}
