import { App as AntApp, ConfigProvider, type ConfigProviderProps } from 'antd'
import enUS from 'antd/es/locale/en_US.js'
import zhCN from 'antd/es/locale/zh_CN.js'
import { type ReactNode, useEffect, useMemo } from 'react'
import { LanguageContext } from '../i18n/language.tsx'
import { type Language, say } from '../i18n/text.ts'
import { SessionGate } from '../session/sessionGate.tsx'
import { type Store, useStore } from '../state/store.ts'
import { Boundary } from './boundary.tsx'
import type { Prefs } from './prefs.ts'
import { applyTheme, themeOf } from './theme.ts'

// The type checker follows Node, to which these files are CommonJS; the bundler takes them as what they are, ES modules.
const LOCALES = { zh: zhCN, en: enUS } as unknown as Record<Language, NonNullable<ConfigProviderProps['locale']>>

/** The page: language and theme around everything, then the gate, then the shell. */
export function App({ prefs }: { prefs: Store<Prefs> }): ReactNode {
  const theme = useStore(prefs, (state) => state.theme)
  const language = useStore(prefs, (state) => state.language)
  const tokens = useMemo(() => themeOf(theme), [theme])
  useEffect(() => applyTheme(document.documentElement, theme), [theme])
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
    document.title = say(language, 'name')
  }, [language])
  return (
    <ConfigProvider theme={tokens} locale={LOCALES[language]} button={{ autoInsertSpace: false }}>
      <AntApp className="app">
        <LanguageContext value={language}>
          <Boundary>
            <SessionGate prefs={prefs} />
          </Boundary>
        </LanguageContext>
      </AntApp>
    </ConfigProvider>
  )
}
