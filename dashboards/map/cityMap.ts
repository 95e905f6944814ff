import type { FeatureCollection } from 'geojson'
import {
  GeoJSONSource,
  type LayerSpecification,
  Map as MapLibre,
  type MapMouseEvent,
  Marker,
  NavigationControl,
  Popup,
  ScaleControl,
  type SourceSpecification,
  type StyleSpecification,
  setWorkerUrl,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { bboxOf, type Position } from '../../domain/geo.ts'
import type { Site } from '../api/client.ts'
import type { Palette } from '../shell/palette.ts'
import type { Drawn } from './drawn.ts'
import { FIXED, type FixedKind } from './features.ts'
import type { Gathering } from './gather.ts'
import { labelPoints } from './labelPoints.ts'
import { baseLayers, fixedLayers, labelLayers, trackLayers, zoneLayers } from './layers.ts'
import { createOverlay, type Overlay } from './overlay.ts'
import { fixedImages } from './sprites.ts'

setWorkerUrl(workerUrl)

const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] }
const CLICKABLE = FIXED.flatMap((kind) => [`${kind}-point`, `${kind}-cluster`])

export interface MapEnds {
  alert: (id: string) => void
  asset: (id: string | null) => void
  drawn: () => void
  failed: (why: string) => void
  /** A click on the map is a place, whatever is drawn there. */
  ground?: (place: Position) => void
}

/** The map as the rest of the page knows it; this file owns MapLibre. */
export interface CityMap {
  overlay: Overlay
  /** Other names on the same ground. */
  setBasemap: (ground: FeatureCollection) => void
  setPoints: (source: string, points: FeatureCollection) => void
  setPalette: (palette: Palette) => void
  setLayers: (shown: Readonly<Record<string, boolean>>) => void
  fly: (to: Position, zoom?: number) => void
  /** Shows all these places at once. */
  fit: (places: readonly Position[]) => void
  /** A card that stands at a place of the map; its content is drawn by the page. */
  popup: (place: Position, content: HTMLElement, closed: () => void) => { move: (place: Position) => void; close: () => void }
  drawn: () => Drawn
  /** Marks a place with a few letters; gives what takes the mark away. */
  pin: (place: Position, name: string) => () => void
  close: () => void
}

/** Opens the map in `container`, `canvas` lying over it. Throws when the browser has no WebGL. */
export function openMap(
  container: HTMLElement,
  canvas: HTMLCanvasElement,
  site: Site,
  basemap: FeatureCollection,
  first: Palette,
  labels: Record<string, string>,
  ends: MapEnds,
): CityMap {
  const tiles = site.tileUrl !== null
  const layersOf = (palette: Palette): LayerSpecification[] => [
    ...baseLayers(palette, tiles),
    ...zoneLayers(palette),
    ...labelLayers(palette),
    ...fixedLayers(palette),
    ...trackLayers(palette),
  ]
  const map = startMap(container, site, labels, { version: 8, sources: sourcesOf(site, basemap), layers: layersOf(first) })
  const overlay = createOverlay(canvas, first, {
    project: ([lon, lat]) => map.project([lon, lat]),
    zoom: () => map.getZoom(),
    now: () => performance.now(),
    still: matchMedia('(prefers-reduced-motion: reduce)').matches,
  })
  map.on('render', overlay.draw)
  map.on('error', ({ error }) => ends.failed(error.message))
  const whenStyled = styleGate(map)
  whenStyled(() => putImages(map, first))
  map.once('load', () => map.once('idle', ends.drawn))
  listen(map, overlay, ends)
  return {
    overlay,
    setBasemap: (ground) =>
      whenStyled(() => {
        void sourceOf(map, 'base')?.setData(ground)
        void sourceOf(map, 'label')?.setData(labelPoints(ground))
      }),
    setPoints: (source, points) => whenStyled(() => void sourceOf(map, source)?.setData(points)),
    setPalette: (palette) => {
      whenStyled(() => {
        putImages(map, palette)
        repaint(map, layersOf(palette))
      })
      overlay.setPalette(palette)
    },
    setLayers: (shown) => {
      whenStyled(() => showLayers(map, layersOf(first), shown))
      overlay.setShown({ vehicles: shown.vehicle !== false, alerts: shown.alert !== false })
    },
    fly: (to, zoom = Math.max(map.getZoom(), 15)) => map.flyTo({ center: [to[0], to[1]], zoom, duration: 1200 }),
    fit: (places) => {
      const [west, south, east, north] = bboxOf([places])
      if (west <= east) map.fitBounds([west, south, east, north], { padding: 48, maxZoom: 15, animate: false })
    },
    drawn: () => ({ zoom: map.getZoom(), ...groundDrawn(map), ...overlay.drawn() }),
    pin: (place, name) => openPin(map, place, name),
    popup: (place, content, closed) => openPopup(map, place, content, closed),
    close: () => {
      overlay.close()
      map.remove()
    },
  }
}

function startMap(container: HTMLElement, site: Site, locale: Record<string, string>, style: StyleSpecification): MapLibre {
  const map = new MapLibre({
    container,
    center: site.center,
    zoom: site.zoom,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 100,
    locale,
    style,
  })
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right')
  map.addControl(new ScaleControl({}), 'bottom-left')
  return map
}

function sourcesOf(site: Site, basemap: FeatureCollection): Record<string, SourceSpecification> {
  const clustered = (): SourceSpecification => ({
    type: 'geojson',
    data: NOTHING,
    cluster: true,
    clusterRadius: 64,
    clusterMaxZoom: 14,
  })
  return {
    base: { type: 'geojson', data: basemap },
    label: { type: 'geojson', data: labelPoints(basemap) },
    zone: { type: 'geojson', data: NOTHING },
    track: { type: 'geojson', data: NOTHING },
    ...Object.fromEntries(FIXED.map((kind) => [kind, clustered()])),
    ...(site.tileUrl === null ? {} : { tiles: { type: 'raster', tiles: [site.tileUrl], tileSize: 256 } as const }),
  }
}

/** Runs at once when the style is there, else in order as soon as it is: before that MapLibre refuses every change. */
function styleGate(map: MapLibre): (run: () => void) => void {
  let waiting: (() => void)[] | undefined = []
  map.once('style.load', () => {
    const runs = waiting ?? []
    waiting = undefined
    for (const run of runs) run()
  })
  return (run) => {
    if (waiting) waiting.push(run)
    else run()
  }
}

function showLayers(map: MapLibre, layers: readonly LayerSpecification[], shown: Readonly<Record<string, boolean>>): void {
  for (const { id } of layers) {
    const group = id.split('-')[0] ?? ''
    if (group in shown) map.setLayoutProperty(id, 'visibility', shown[group] ? 'visible' : 'none')
  }
}

function sourceOf(map: MapLibre, name: string): GeoJSONSource | undefined {
  const source = map.getSource(name)
  return source instanceof GeoJSONSource ? source : undefined
}

function putImages(map: MapLibre, palette: Palette): void {
  for (const { name, image, pixelRatio } of fixedImages(palette)) {
    if (map.hasImage(name)) map.updateImage(name, image)
    else map.addImage(name, image, { pixelRatio })
  }
}

/** A change of theme repaints the layers that are there; the sources and what is clustered in them stay. */
function repaint(map: MapLibre, layers: readonly LayerSpecification[]): void {
  for (const layer of layers) {
    for (const [property, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, property as 'fill-color', value)
  }
}

function listen(map: MapLibre, overlay: Overlay, ends: MapEnds): void {
  map.on('click', (event) => {
    if (ends.ground) return ends.ground([event.lngLat.lng, event.lngLat.lat])
    const hit = overlay.at(event.point.x, event.point.y)
    if (hit?.hit === 'alerts') openGathering(map, hit.gathering, ends)
    else if (hit?.hit === 'vehicle') ends.asset(hit.id)
    else void clickGround(map, event, ends)
  })
  map.on('mousemove', (event) => {
    const over = overlay.at(event.point.x, event.point.y) !== undefined || featuresAt(map, event).length > 0
    map.getCanvas().style.cursor = over ? 'pointer' : ''
  })
}

function openGathering(map: MapLibre, gathering: Gathering, ends: MapEnds): void {
  if (gathering.ids.length === 1 || gathering.spread < 3 || map.getZoom() >= 17) ends.alert(gathering.id)
  else map.easeTo({ center: map.unproject([gathering.x, gathering.y]), zoom: map.getZoom() + 2 })
}

function featuresAt(map: MapLibre, { point }: MapMouseEvent): ReturnType<MapLibre['queryRenderedFeatures']> {
  if (!map.getLayer(CLICKABLE[0] ?? '')) return []
  return map.queryRenderedFeatures(
    [
      [point.x - 4, point.y - 4],
      [point.x + 4, point.y + 4],
    ],
    { layers: CLICKABLE },
  )
}

async function clickGround(map: MapLibre, event: MapMouseEvent, ends: MapEnds): Promise<void> {
  const feature = featuresAt(map, event)[0]
  if (!feature) return ends.asset(null)
  const cluster: unknown = feature.properties.cluster_id
  if (typeof cluster !== 'number') return ends.asset(String(feature.properties.id))
  const zoom = await sourceOf(map, feature.source)?.getClusterExpansionZoom(cluster)
  if (zoom !== undefined && feature.geometry.type === 'Point') map.easeTo({ center: feature.geometry.coordinates as [number, number], zoom: zoom + 0.2 })
}

function groundDrawn(map: MapLibre): Pick<Drawn, 'points' | 'clusters' | 'names'> {
  // What lies in several tiles is found in each of them.
  const seen = (layer: string, key: string, wanted = key): unknown[] => {
    const features = map.queryRenderedFeatures({ layers: map.getLayersOrder().filter((id) => id.endsWith(layer)) })
    return [...new Map(features.map(({ properties }) => [properties[key], properties[wanted]])).values()]
  }
  const byKind = <T>(of: (kind: FixedKind) => T): Record<FixedKind, T> => Object.fromEntries(FIXED.map((kind) => [kind, of(kind)])) as Record<FixedKind, T>
  return {
    points: byKind((kind) => seen(`${kind}-point`, 'id').map(String).sort()),
    clusters: byKind((kind) => seen(`${kind}-cluster`, 'cluster_id', 'point_count').map(Number)),
    names: seen('-label', 'name').map(String).sort(),
  }
}

function openPin(map: MapLibre, place: Position, name: string): () => void {
  const element = document.createElement('div')
  element.className = 'map-pin'
  element.textContent = name
  const marker = new Marker({ element, anchor: 'center' }).setLngLat([place[0], place[1]]).addTo(map)
  return () => marker.remove()
}

function openPopup(map: MapLibre, place: Position, content: HTMLElement, closed: () => void): ReturnType<CityMap['popup']> {
  const popup = new Popup({ closeButton: false, closeOnClick: false, maxWidth: '340px', offset: 14, focusAfterOpen: false })
  popup.setLngLat([place[0], place[1]]).setDOMContent(content).addTo(map)
  popup.on('close', closed)
  return {
    move: (to) => popup.setLngLat([to[0], to[1]]),
    close: () => {
      popup.off('close', closed)
      popup.remove()
    },
  }
}
