import type { LayerSpecification } from 'maplibre-gl'
import type { Palette } from '../shell/palette.ts'
import { FIXED, type FixedKind } from './features.ts'

/** Without a glyphs address the map draws every letter itself from these system fonts: no label needs the network. */
const FONT = ['PingFang SC,Microsoft YaHei,Noto Sans CJK SC,Source Han Sans SC,system-ui']
/** The map reads the weight off the first family's name; nobody has this family, so the next one is drawn bold. */
const BOLD = [`Wanglou Bold,${FONT[0]}`]

const ofClass = (name: string): ['==', ['get', 'class'], string] => ['==', ['get', 'class'], name]
const width = (from: number, to: number): ['interpolate', ['linear'], ['zoom'], number, number, number, number] => ['interpolate', ['linear'], ['zoom'], 10, from, 17, to]

/** The ground of the map from the city's own base map, bottom first. With a raster tile under it only borders and names stay. */
export function baseLayers(palette: Palette, tiles: boolean): LayerSpecification[] {
  const { map } = palette
  const ground: LayerSpecification[] = [{ id: 'land', type: 'background', paint: { 'background-color': map.land } }]
  if (tiles) ground.push({ id: 'tiles', type: 'raster', source: 'tiles', paint: { 'raster-opacity': 0.85 } })
  const drawn: LayerSpecification[] = [
    { id: 'district', type: 'fill', source: 'base', filter: ofClass('district'), paint: { 'fill-color': map.district } },
    { id: 'park', type: 'fill', source: 'base', filter: ofClass('park'), paint: { 'fill-color': map.park } },
    {
      id: 'water',
      type: 'fill',
      source: 'base',
      filter: ['all', ['in', ['get', 'class'], ['literal', ['water', 'sea']]], ['==', ['geometry-type'], 'Polygon']],
      paint: { 'fill-color': map.water },
    },
    {
      id: 'river',
      type: 'line',
      source: 'base',
      filter: ['all', ofClass('water'), ['==', ['geometry-type'], 'LineString']],
      paint: { 'line-color': map.water, 'line-width': width(3, 14) },
    },
    { id: 'road-edge', type: 'line', source: 'base', filter: ofClass('road'), layout: { 'line-join': 'round' }, paint: { 'line-color': map.roadEdge, 'line-width': width(2, 13) } },
    { id: 'road', type: 'line', source: 'base', filter: ofClass('road'), layout: { 'line-join': 'round' }, paint: { 'line-color': map.road, 'line-width': width(1, 10) } },
  ]
  return [...ground, ...(tiles ? [] : drawn), ...borderLayers(palette)]
}

function borderLayers({ map }: Palette): LayerSpecification[] {
  const border = (name: string, minzoom: number, color: string, wide: number, dash: number[]): LayerSpecification => ({
    id: `${name}-border`,
    type: 'line',
    source: 'base',
    minzoom,
    filter: ofClass(name),
    paint: { 'line-color': color, 'line-width': wide, 'line-dasharray': dash },
  })
  return [
    border('grid', 15, map.grid, 1, [2, 2]),
    border('community', 14, map.grid, 1, [4, 2]),
    border('street', 12, map.border, 0.7, [3, 2]),
    border('district', 0, map.border, 1.4, [6, 2]),
  ]
}

export function labelLayers({ map }: Palette): LayerSpecification[] {
  const label = (name: string, minzoom: number, maxzoom: number, size: number, color: string, line: boolean): LayerSpecification => ({
    id: `${name}-label`,
    type: 'symbol',
    source: line ? 'base' : 'label',
    minzoom,
    maxzoom,
    filter: ['all', ofClass(name), ['has', 'name']],
    layout: {
      'text-field': ['get', 'name'],
      'text-font': name === 'district' ? BOLD : FONT,
      'text-size': size,
      'text-letter-spacing': name === 'district' ? 0.2 : 0.04,
      'symbol-placement': line ? 'line' : 'point',
      'text-max-width': 8,
      'text-padding': 4,
    },
    paint: { 'text-color': color, 'text-halo-color': map.halo, 'text-halo-width': 1.4 },
  })
  return [
    label('community', 14, 24, 11, map.label, false),
    label('road', 12, 24, 11, map.label, true),
    label('park', 12, 24, 11, map.label, false),
    label('water', 10, 24, 12, map.waterText, false),
    label('street', 12, 16, 12, map.label, false),
    label('district', 0, 14, 15, map.label, false),
  ]
}

export function zoneLayers({ map }: Palette): LayerSpecification[] {
  const color: ['match', ['get', 'type'], string, string, string] = ['match', ['get', 'type'], 'banned', map.zoneBanned, map.zone]
  return [
    { id: 'zone', type: 'fill', source: 'zone', paint: { 'fill-color': color, 'fill-opacity': 0.1 } },
    { id: 'zone-edge', type: 'line', source: 'zone', paint: { 'line-color': color, 'line-width': 1.4, 'line-dasharray': [3, 2] } },
    {
      id: 'zone-label',
      type: 'symbol',
      source: 'zone',
      minzoom: 12,
      layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 11, 'text-max-width': 8 },
      paint: { 'text-color': color, 'text-halo-color': map.halo, 'text-halo-width': 1.4 },
    },
  ]
}

/** The way of a vehicle that somebody asks about. */
export function trackLayers({ accent, map }: Palette): LayerSpecification[] {
  return [
    {
      id: 'way-line',
      type: 'line',
      source: 'track',
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': accent, 'line-width': 3, 'line-opacity': 0.75 },
    },
    {
      id: 'way-point',
      type: 'circle',
      source: 'track',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-color': map.halo, 'circle-radius': ['case', ['==', ['get', 'near'], 1], 5, 3], 'circle-stroke-width': 2, 'circle-stroke-color': accent },
    },
  ]
}

/** Clusters and single points of the kinds that stand still. They are the quiet ground on which alerts are seen. */
export function fixedLayers(palette: Palette): LayerSpecification[] {
  return FIXED.toReversed().flatMap((kind) => [...clusterLayers(kind, palette), pointLayer(kind)])
}

function clusterLayers(kind: FixedKind, { map }: Palette): LayerSpecification[] {
  // Cameras outnumber covers ten to one and seldom change: they step back.
  const quiet = kind === 'camera'
  return [
    {
      id: `${kind}-cluster`,
      type: 'circle',
      source: kind,
      filter: ['has', 'point_count'],
      paint: {
        'circle-color': map[kind],
        'circle-opacity': quiet ? 0.16 : 0.3,
        'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'point_count']], 1, 7, 10, 14, 40, 26],
        'circle-stroke-width': 1,
        'circle-stroke-color': map[kind],
        'circle-stroke-opacity': quiet ? 0.3 : 0.7,
      },
    },
    {
      id: `${kind}-count`,
      type: 'symbol',
      source: kind,
      filter: ['has', 'point_count'],
      layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': FONT, 'text-size': quiet ? 10 : 11, 'text-allow-overlap': true },
      paint: { 'text-color': map.clusterText, 'text-opacity': quiet ? 0.55 : 1 },
    },
  ]
}

function pointLayer(kind: FixedKind): LayerSpecification {
  return {
    id: `${kind}-point`,
    type: 'symbol',
    source: kind,
    filter: ['!', ['has', 'point_count']],
    layout: {
      'icon-image': ['concat', kind, ['case', ['>=', ['get', 'worst'], 0], ['concat', '-', ['get', 'worst']], ['==', ['get', 'silent'], 1], '-silent', '']],
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.7, 16, 1.2],
      'symbol-sort-key': ['get', 'worst'],
    },
  }
}
