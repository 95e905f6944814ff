import { type ReactNode, useEffect, useRef, useState } from 'react'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { Position } from '../../domain/geo.ts'
import { city as cityApi } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { PALETTES } from '../shell/palette.ts'
import { useStore } from '../state/store.ts'
import { type CityMap, type MapEnds, openMap } from './cityMap.ts'
import { inLanguage } from './names.ts'
import './map.css'

/** Close enough to tell the corners of a crossing apart. */
const CLOSE_ZOOM = 17.5

export interface GroundMap {
  /** Null until it is open. */
  map: CityMap | null
  /** What is to be drawn: the map, or why there is none. */
  ground: ReactNode
}

/** The city's ground in a part of a page. It is opened once; its colours follow the page's. `middle`: where to look first, closely. */
export function useGroundMap(label: string, ends: Pick<Partial<MapEnds>, 'asset' | 'ground'>, middle: Position | null = null): GroundMap {
  const { t } = useWords()
  const { site, prefs } = usePage()
  const theme = useStore(prefs, (state) => state.theme)
  const language = useStore(prefs, (state) => state.language)
  const { value: basemap } = useLoad('basemap', cityApi.basemap)
  const holder = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [map, setMap] = useState<CityMap | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const latest = useRef(ends)
  latest.current = ends
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened once; the palette follows by itself
  useEffect(() => {
    if (!basemap || !holder.current || !canvas.current) return
    try {
      const labels = { 'NavigationControl.ZoomIn': t('map.zoomIn'), 'NavigationControl.ZoomOut': t('map.zoomOut') }
      const at = middle ? { ...site, center: [middle[0], middle[1]] as [number, number], zoom: CLOSE_ZOOM } : site
      const opened = openMap(holder.current, canvas.current, at, inLanguage(basemap, language), PALETTES[theme], labels, {
        alert: () => undefined,
        asset: (id) => latest.current.asset?.(id),
        drawn: () => undefined,
        failed: setFailed,
        ...(ends.ground && { ground: (place: Position) => latest.current.ground?.(place) }),
      })
      setMap(opened)
      return opened.close
    } catch (thrown) {
      setFailed(thrown instanceof Error ? thrown.message : String(thrown))
      return undefined
    }
  }, [basemap, site])
  useEffect(() => map?.setPalette(PALETTES[theme]), [map, theme])
  return {
    map,
    ground: (
      <>
        <div ref={holder} className="map-ground" role="application" aria-label={label} />
        <canvas ref={canvas} className="map-overlay" />
        {failed !== null && <div className="map-failed">{t('map.failed', { why: failed })}</div>}
      </>
    ),
  }
}
