import { BellOutlined, BulbOutlined, LogoutOutlined, QuestionCircleOutlined, UserOutlined } from '@ant-design/icons'
import { Badge, Button, Dropdown, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { countsOf } from '../alerts/filter.ts'
import { SeverityMark } from '../alerts/severityMark.tsx'
import { SEVERITIES } from '../alerts/words.ts'
import { useWorkbench } from '../alerts/workbench.tsx'
import { useWords } from '../i18n/language.tsx'
import { useStore } from '../state/store.ts'
import { FeedLight } from './feedLight.tsx'
import { LanguageSwitch } from './languageSwitch.tsx'
import { useCity, usePage } from './page.ts'
import { PlaceLink } from './placeLink.tsx'
import type { Route } from './route.ts'

const PLACES = [
  { page: 'map', alert: null },
  { page: 'cases', case: null },
  { page: 'rules', rule: null },
  { page: 'cameras', camera: null },
  { page: 'coverage' },
  { page: 'devices' },
  { page: 'health' },
] as const satisfies readonly Route[]

export function Header(): ReactNode {
  const { name } = useWords()
  const { site } = usePage()
  return (
    <header className="header">
      <img src="/watchtower.svg" alt="" width={26} height={26} />
      <strong className="header-city">{name(site.name)}</strong>
      <Places />
      <Counts />
      <FeedLight />
      <Menus />
    </header>
  )
}

function Places(): ReactNode {
  const { t } = useWords()
  const { route } = usePage()
  // Calendars are what rules are timed by, and are found beside them.
  const here = useStore(route, ({ page }) => (page === 'calendars' ? 'rules' : page))
  return (
    <nav aria-label={t('menu.pages')}>
      {PLACES.map((place) => (
        <PlaceLink key={place.page} to={place} current={here === place.page}>
          {t(`page.${place.page}`)}
        </PlaceLink>
      ))}
    </nav>
  )
}

function Counts(): ReactNode {
  const { t } = useWords()
  const { setFilter } = useWorkbench()
  const { go } = usePage()
  const { severity } = useCity((city) => countsOf(city.alerts))
  return (
    <div className="counts">
      {SEVERITIES.map((name) => (
        <Tooltip key={name} title={t('counts.todo', { severity: t(`severity.${name}`) })}>
          <button
            type="button"
            className="count"
            aria-label={`${t(`severity.${name}`)} ${severity[name]}`}
            onClick={() => {
              go({ page: 'map', alert: null })
              setFilter((filter) => ({ ...filter, scope: 'todo', severity: filter.severity.length === 1 && filter.severity[0] === name ? [] : [name] }))
            }}
          >
            <SeverityMark severity={name} /> {severity[name]}
          </button>
        </Tooltip>
      ))}
    </div>
  )
}

function Menus(): ReactNode {
  const { t, word } = useWords()
  const { prefs, who, signOut } = usePage()
  const { setHelp, markAllRead } = useWorkbench()
  const theme = useStore(prefs, (state) => state.theme)
  const unread = useCity((city) => city.unread.size)
  const turn = (): void => prefs.update((state) => ({ ...state, theme: state.theme === 'dark' ? 'light' : 'dark' }))
  const account = { key: 'who', disabled: true, label: `${who.name} · ${word('role', who.role)}${who.area ? ` · ${who.area}` : ''}` }
  return (
    <div className="menus">
      <Badge count={unread} size="small" overflowCount={999} offset={[-6, 6]}>
        <Button type="text" icon={<BellOutlined />} aria-label={t('unread', { n: unread })} title={t('unread', { n: unread })} onClick={markAllRead} />
      </Badge>
      <LanguageSwitch prefs={prefs} />
      <Button
        type="text"
        icon={<BulbOutlined />}
        aria-label={t(theme === 'dark' ? 'menu.light' : 'menu.dark')}
        title={t(theme === 'dark' ? 'menu.light' : 'menu.dark')}
        onClick={turn}
      />
      <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t('help.title')} title={`${t('help.title')} (?)`} onClick={() => setHelp(true)} />
      <Dropdown trigger={['click']} menu={{ items: [account, { key: 'out', icon: <LogoutOutlined />, label: t('menu.signOut'), onClick: signOut }] }}>
        <Button type="text" icon={<UserOutlined />} aria-label={t('menu.account')}>
          {who.name}
        </Button>
      </Dropdown>
    </div>
  )
}
