import { Segmented } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import type { Language } from '../i18n/text.ts'
import type { Store } from '../state/store.ts'
import type { Prefs } from './prefs.ts'

export function LanguageSwitch({ prefs }: { prefs: Store<Prefs> }): ReactNode {
  const { language, t } = useWords()
  return (
    <Segmented<Language>
      className="languages"
      size="small"
      aria-label={t('menu.language')}
      value={language}
      options={[
        { value: 'zh', label: '中文' },
        { value: 'en', label: 'English' },
      ]}
      onChange={(next) => prefs.update((state) => ({ ...state, language: next }))}
    />
  )
}
