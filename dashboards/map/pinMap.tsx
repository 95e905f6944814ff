import { type ReactNode, useEffect, useRef, useState } from 'react'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { Position } from '../../domain/geo.ts'
import { city as cityApi } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { PALETTES } from '../shell/palette.ts'
import { useStore } from '../state/store.ts'
import { type CityMap, openMap } from './cityMap.ts'
import { inLanguage } from './names.ts'
import './map.css'

interface PinMapProps {
  pins: readonly { name: string; place: Position }[]
  /** Where to look first. */
  middle: Position | null
  set: (place: Position) => void
}

/** Close enough to tell the corners of a crossing apart. */
const ZOOM = 17.5

/** The city's ground, on which places are pointed at. */
export default function PinMap({ pins, middle, set }: PinMapProps): ReactNode {
  const { t } = useWords()
  const { site, prefs } = usePage()
  const theme = useStore(prefs, (state) => state.theme)
  const language = useStore(prefs, (state) => state.language)
  const { value: ground } = useLoad('basemap', cityApi.basemap)
  const holder = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [map, setMap] = useState<CityMap | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const setter = useRef(set)
  setter.current = set
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened once; palette and pins follow by themselves
  useEffect(() => {
    if (!ground || !holder.current || !canvas.current) return
    try {
      const labels = { 'NavigationControl.ZoomIn': t('map.zoomIn'), 'NavigationControl.ZoomOut': t('map.zoomOut') }
      const nothing = (): void => undefined
      const ends = { alert: nothing, asset: nothing, drawn: nothing, failed: setFailed, ground: (place: Position) => setter.current(place) }
      const at = middle ? { ...site, center: [middle[0], middle[1]] as [number, number], zoom: ZOOM } : site
      const opened = openMap(holder.current, canvas.current, at, inLanguage(ground, language), PALETTES[theme], labels, ends)
      setMap(opened)
      return opened.close
    } catch (thrown) {
      setFailed(thrown instanceof Error ? thrown.message : String(thrown))
      return undefined
    }
  }, [ground, site])
  useEffect(() => map?.setPalette(PALETTES[theme]), [map, theme])
  useEffect(() => {
    const drawn = map ? pins.map(({ name, place }) => map.pin(place, name)) : []
    return () => {
      for (const remove of drawn) remove()
    }
  }, [map, pins])
  return (
    <div className="map pin-map" data-testid="pin-map">
      <div ref={holder} className="map-ground" role="application" aria-label={t('pins.map')} />
      <canvas ref={canvas} className="map-overlay" />
      {failed !== null && <div className="map-failed">{t('map.failed', { why: failed })}</div>}
    </div>
  )
}
