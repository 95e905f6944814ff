import type { ReactNode } from 'react'
import type { Alert } from '../../domain/alert.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime } from '../i18n/times.ts'
import { useNow, usePage } from '../shell/page.ts'

/** How sure the alert is, where more than one source had its say. */
export function CertaintyNote({ alert }: { alert: Alert }): ReactNode {
  const { t, word, language } = useWords()
  const { go } = usePage()
  const now = useNow(60_000)
  const { certainty, fused, doubt } = alert
  if (certainty === 'single') return null
  return (
    <div className={`attention certainty-${certainty}`} data-testid="certainty" data-certainty={certainty}>
      {certainty === 'doubted' && doubt && (
        <p>
          <b>{t('certainty.doubted')}</b>{' '}
          {t('certainty.saw', { camera: doubt.camera, label: word('label', doubt.label), n: doubt.looks, of: doubt.of, at: clockTime(doubt.at, now, language) })}
        </p>
      )}
      {certainty === 'confirmed' && (
        <p>
          <b>{t('certainty.confirmed')}</b>{' '}
          {fused.map(({ id, asset }) => (
            <button key={id} type="button" className="link" onClick={() => go({ page: 'map', alert: id })}>
              {asset}
            </button>
          ))}
        </p>
      )}
    </div>
  )
}
