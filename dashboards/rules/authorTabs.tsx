import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { PlaceLink } from '../shell/placeLink.tsx'

/** What authors write: rules, and the calendars that time them. */
export function AuthorTabs({ here }: { here: 'rules' | 'calendars' }): ReactNode {
  const { t } = useWords()
  return (
    <nav className="author-tabs" aria-label={t('page.rules')}>
      <PlaceLink to={{ page: 'rules', rule: null }} current={here === 'rules'}>
        {t('page.rules')}
      </PlaceLink>
      <PlaceLink to={{ page: 'calendars', calendar: null }} current={here === 'calendars'}>
        {t('page.calendars')}
      </PlaceLink>
    </nav>
  )
}
