import { type ReactNode, useEffect, useRef, useState } from 'react'
import 'maplibre-gl/dist/maplibre-gl.css'
import { city as cityApi } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { PALETTES } from '../shell/palette.ts'
import type { AssetState } from '../state/city.ts'
import { useStore } from '../state/store.ts'
import { type CityMap, openMap } from './cityMap.ts'
import { FIXED, fixedPoints } from './features.ts'
import { glideTo } from './motion.ts'
import { inLanguage } from './names.ts'
import './map.css'

/** The rank that the map draws in the colour of information: here it means "has params of its own". */
const OWN = { worst: 0 }

interface RuleMapProps {
  assets: readonly AssetState[]
  /** Assets with params of their own. */
  own: ReadonlySet<string>
  /** A click on an asset; undefined where nothing can be done with it. */
  choose: ((asset: string) => void) | undefined
}

/** The assets that a rule watches, on the city's own ground. */
export default function RuleMap({ assets, own, choose }: RuleMapProps): ReactNode {
  const { t } = useWords()
  const { site, prefs } = usePage()
  const theme = useStore(prefs, (state) => state.theme)
  const language = useStore(prefs, (state) => state.language)
  const { value: ground } = useLoad('basemap', cityApi.basemap)
  const holder = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [map, setMap] = useState<CityMap | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const chosen = useRef(choose)
  chosen.current = choose
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened once; palette and points follow by themselves
  useEffect(() => {
    if (!ground || !holder.current || !canvas.current) return
    try {
      const labels = { 'NavigationControl.ZoomIn': t('map.zoomIn'), 'NavigationControl.ZoomOut': t('map.zoomOut') }
      const opened = openMap(holder.current, canvas.current, site, inLanguage(ground, language), PALETTES[theme], labels, {
        alert: () => undefined,
        asset: (id) => id !== null && chosen.current?.(id),
        drawn: () => undefined,
        failed: setFailed,
      })
      setMap(opened)
      return opened.close
    } catch (thrown) {
      setFailed(thrown instanceof Error ? thrown.message : String(thrown))
      return undefined
    }
  }, [ground, site])
  useEffect(() => map?.setPalette(PALETTES[theme]), [map, theme])
  useEffect(() => {
    if (map) show(map, assets, own)
  }, [map, assets, own])
  const fitted = useRef(false)
  useEffect(() => {
    if (!map || fitted.current || assets.length === 0) return
    fitted.current = true
    map.fit(assets.flatMap(({ lon, lat }) => (lon === null || lat === null ? [] : [[lon, lat] as const])))
  }, [map, assets])
  return (
    <div className="map rule-map" data-testid="rule-map">
      <div ref={holder} className="map-ground" role="application" aria-label={t('where.map')} />
      <canvas ref={canvas} className="map-overlay" />
      {failed !== null && <div className="map-failed">{t('map.failed', { why: failed })}</div>}
      <p className="rule-map-legend">
        <span className="legend-own" /> {t('where.legend')}
        {choose && ` · ${t('where.click')}`}
      </p>
    </div>
  )
}

function show(map: CityMap, assets: readonly AssetState[], own: ReadonlySet<string>): void {
  const marks = new Map([...own].map((id) => [id, OWN]))
  const now = Date.now()
  for (const kind of FIXED) map.setPoints(kind, fixedPoints(assets, kind, marks, now))
  map.overlay.vehicles.clear()
  for (const { id, kind, lon, lat, at } of assets) {
    if (kind !== 'vehicle' || lon === null || lat === null) continue
    map.overlay.vehicles.set(id, {
      glide: glideTo(undefined, { position: [lon, lat], headingDeg: undefined, at }, performance.now()),
      moving: true,
      worst: own.has(id) ? OWN.worst : -1,
    })
  }
}
