import { App } from 'antd'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Alert } from '../../domain/alert.ts'
import { useWords } from '../i18n/language.tsx'
import { useCity, usePage } from '../shell/page.ts'
import { SeverityMark } from './severityMark.tsx'
import { tone } from './tone.ts'

/** A hand that has been still this long may have the map moved for it. */
const IDLE_MS = 15_000

/** Tells of new critical alerts: in the window's title, by a tone and by flying there, the latter two only if asked for. */
export function Heralds(): ReactNode {
  const { t, name } = useWords()
  const { live, prefs, go, route } = usePage()
  const { notification } = App.useApp()
  const unread = useCity((city) => city.unread)
  const touched = useRef(performance.now())
  const known = useRef(unread)
  const tell = useRef<(alert: Alert) => void>(() => undefined)
  tell.current = (alert) => {
    const { sound, follow } = prefs.get()
    const asset = live.city.get().assets.get(alert.asset)
    if (sound) tone()
    const place = route.get()
    const busy = place.page !== 'map' || place.alert !== null || performance.now() - touched.current < IDLE_MS
    if (follow && !busy) return go({ page: 'map', alert: alert.id })
    notification.open({
      icon: <SeverityMark severity={alert.severity} size={24} />,
      key: 'critical',
      title: name(alert.title),
      description: asset?.name ? `${asset.name} · ${alert.asset}` : alert.asset,
      placement: 'bottom',
      duration: 8,
      onClick: () => {
        notification.destroy('critical')
        go({ page: 'map', alert: alert.id })
      },
    })
  }
  useEffect(() => {
    const touch = (): void => {
      touched.current = performance.now()
    }
    for (const event of ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const) window.addEventListener(event, touch, { passive: true })
    return () => {
      for (const event of ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const) window.removeEventListener(event, touch)
    }
  }, [])
  useEffect(() => {
    document.title = unread.size > 0 ? `(${unread.size}) ${t('name')}` : t('name')
    const { byId } = live.city.get().alerts
    const news = [...unread].filter((id) => !known.current.has(id)).flatMap((id) => byId.get(id) ?? [])
    known.current = unread
    const worst = news.find((alert) => alert.severity === 'critical')
    if (worst) tell.current(worst)
  }, [unread, live, t])
  return null
}
