import type { FeatureCollection } from 'geojson'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import 'maplibre-gl/dist/maplibre-gl.css'
import { city as cityApi } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { type Page, useCity, usePage } from '../shell/page.ts'
import { PALETTES } from '../shell/palette.ts'
import { useStore } from '../state/store.ts'
import { AssetCard } from './assetCard.tsx'
import { type CityMap, openMap } from './cityMap.ts'
import { placeOf } from './features.ts'
import { feedMap, vehiclePlace } from './feedMap.ts'
import { LayerSwitch } from './layerSwitch.tsx'
import { LOCATE } from './locate.ts'
import { inLanguage } from './names.ts'
import { onTrack } from './track.ts'
import './map.css'

/** The live map. Everything that moves reaches it past React; React only opens it and draws the card of one asset. */
export default function MapView(): ReactNode {
  const { value, problem, again } = useLoad('basemap', cityApi.basemap)
  if (problem) return <ProblemNote problem={problem} again={again} />
  return value ? <DrawnMap basemap={value} /> : <div className="map" data-testid="map" data-loaded="false" />
}

function DrawnMap({ basemap }: { basemap: FeatureCollection }): ReactNode {
  const page = usePage()
  const { t } = useWords()
  const [drawn, setDrawn] = useState(false)
  const [failed, setFailed] = useState<string | null>(null)
  const [asset, setAsset] = useState<string | null>(null)
  const whole = useRef<HTMLDivElement & { drawn?: CityMap['drawn'] }>(null)
  const holder = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [map, setMap] = useState<CityMap | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is opened once; its words do not follow a change of language
  useEffect(() => {
    if (!holder.current || !canvas.current) return
    const opened = open(page, basemap, holder.current, canvas.current, {
      labels: { 'NavigationControl.ZoomIn': t('map.zoomIn'), 'NavigationControl.ZoomOut': t('map.zoomOut') },
      asset: setAsset,
      drawn: () => setDrawn(true),
      failed: setFailed,
    })
    if (!opened) return
    setMap(opened.map)
    if (whole.current) whole.current.drawn = opened.map.drawn
    return opened.close
  }, [page, basemap])
  return (
    <div ref={whole} className="map" data-testid="map" data-loaded={drawn}>
      <div ref={holder} className="map-ground" role="application" aria-label={t('map.label')} />
      <canvas ref={canvas} className="map-overlay" />
      {failed !== null && <div className="map-failed">{t('map.failed', { why: failed })}</div>}
      {map && <MapWishes map={map} basemap={basemap} />}
      {map && asset !== null && <AssetPopup key={asset} map={map} id={asset} close={() => setAsset(null)} />}
      <LayerSwitch />
    </div>
  )
}

function open(
  page: Page,
  basemap: FeatureCollection,
  holder: HTMLElement,
  canvas: HTMLCanvasElement,
  ends: { labels: Record<string, string>; asset: (id: string | null) => void; drawn: () => void; failed: (why: string) => void },
): { map: CityMap; close: () => void } | undefined {
  try {
    const map = openMap(holder, canvas, page.site, inLanguage(basemap, page.prefs.get().language), PALETTES[page.prefs.get().theme], ends.labels, {
      alert: (id) => page.go({ page: 'map', alert: id }),
      asset: ends.asset,
      drawn: ends.drawn,
      failed: ends.failed,
    })
    const stop = feedMap(map, page.live.city)
    return {
      map,
      close: () => {
        stop()
        map.close()
      },
    }
  } catch (thrown) {
    // Without WebGL the list, the panel and the cases still serve: an alert can be judged without a map.
    ends.failed(thrown instanceof Error ? thrown.message : String(thrown))
    return undefined
  }
}

/** Follows the theme, the language, the layer switches and the chosen alert. */
function MapWishes({ map, basemap }: { map: CityMap; basemap: FeatureCollection }): null {
  const page = usePage()
  const theme = useStore(page.prefs, (prefs) => prefs.theme)
  const layers = useStore(page.prefs, (prefs) => prefs.layers)
  const selected = useStore(page.route, (route) => (route.page === 'map' ? route.alert : null))
  const language = useStore(page.prefs, (prefs) => prefs.language)
  const named = useRef(language)
  useEffect(() => map.setPalette(PALETTES[theme]), [map, theme])
  useEffect(() => {
    // It was opened in this language.
    if (named.current === language) return
    named.current = language
    map.setBasemap(inLanguage(basemap, language))
  }, [map, basemap, language])
  useEffect(() => map.setLayers(layers), [map, layers])
  useEffect(() => onTrack((shapes) => map.setPoints('track', shapes)), [map])
  useEffect(() => {
    const fly = (): void => {
      const { alerts, assets } = page.live.city.get()
      const alert = selected === null ? undefined : alerts.byId.get(selected)
      const place = alert && placeOf(alert, assets)
      if (place) map.fly(place)
    }
    map.overlay.setSelected(selected)
    fly()
    window.addEventListener(LOCATE, fly)
    return () => window.removeEventListener(LOCATE, fly)
  }, [map, selected, page])
  return null
}

function AssetPopup({ map, id, close }: { map: CityMap; id: string; close: () => void }): ReactNode {
  const asset = useCity((state) => state.assets.get(id))
  const content = useMemo(() => document.createElement('div'), [])
  const popup = useRef<ReturnType<CityMap['popup']> | null>(null)
  const place = vehiclePlace(map, id) ?? (asset && asset.lon !== null && asset.lat !== null ? ([asset.lon, asset.lat] as const) : undefined)
  useEffect(() => {
    if (!place) return
    if (popup.current) popup.current.move(place)
    else popup.current = map.popup(place, content, close)
  })
  useEffect(() => () => popup.current?.close(), [])
  return createPortal(<AssetCard id={id} close={close} />, content)
}
