import type { PictureZone } from '../../domain/camera.ts'

/** A corner as fractions of the picture's width and height. */
export type Corner = readonly [x: number, y: number]

/** What is drawn on a still. Every step can be taken back; a drag is one step however far it goes. */
export interface Drawing {
  zones: readonly PictureZone[]
  /** The zone that is worked on, and its corner if one is chosen. */
  zone: string | null
  corner: number | null
  past: readonly (readonly PictureZone[])[]
  future: readonly (readonly PictureZone[])[]
  /** A drag goes on: what it changes belongs to the step that it began. */
  dragging: boolean
}

export type Stroke =
  | { do: 'choose'; zone: string | null; corner?: number | null }
  | { do: 'addZone'; id: string; type: string }
  | { do: 'removeZone'; zone: string }
  | { do: 'retype'; zone: string; type: string }
  /** Which asset it shows, and how many looks make a stay; undefined: none, and one. */
  | { do: 'describe'; zone: string; asset: string | undefined; inertia: number | undefined }
  /** A new corner on the edge after corner `after`. */
  | { do: 'addCorner'; zone: string; after: number; at: Corner }
  | { do: 'removeCorner'; zone: string; corner: number }
  | { do: 'grab' }
  | { do: 'moveCorner'; zone: string; corner: number; to: Corner }
  | { do: 'moveZone'; zone: string; by: Corner }
  | { do: 'release' }
  | { do: 'undo' }
  | { do: 'redo' }

/** So many steps back. */
const KEPT = 200
/** A zone needs three corners to have an inside. */
const FEWEST = 3

export function newDrawing(zones: readonly PictureZone[]): Drawing {
  return { zones, zone: zones[0]?.id ?? null, corner: null, past: [], future: [], dragging: false }
}

export function draw(drawing: Drawing, stroke: Stroke): Drawing {
  switch (stroke.do) {
    case 'choose':
      return { ...drawing, zone: stroke.zone, corner: stroke.corner ?? null }
    case 'addZone':
      return { ...step(drawing, [...drawing.zones, { id: stroke.id, type: stroke.type, polygon: MIDDLE }]), zone: stroke.id, corner: null }
    case 'removeZone':
      return {
        ...step(
          drawing,
          drawing.zones.filter(({ id }) => id !== stroke.zone),
        ),
        zone: null,
        corner: null,
      }
    case 'retype':
      return change(drawing, stroke.zone, (zone) => ({ ...zone, type: stroke.type }))
    case 'describe':
      return change(drawing, stroke.zone, (zone) => described(zone, stroke))
    case 'addCorner':
      return { ...change(drawing, stroke.zone, (zone) => ({ ...zone, polygon: zone.polygon.toSpliced(stroke.after + 1, 0, within(stroke.at)) })), corner: stroke.after + 1 }
    case 'removeCorner':
      return removeCorner(drawing, stroke.zone, stroke.corner)
    case 'grab':
      return { ...step(drawing, drawing.zones), dragging: true }
    case 'moveCorner':
      return { ...change(drawing, stroke.zone, (zone) => ({ ...zone, polygon: zone.polygon.with(stroke.corner, within(stroke.to)) })), corner: stroke.corner }
    case 'moveZone':
      return change(drawing, stroke.zone, (zone) => ({ ...zone, polygon: moved(zone.polygon, stroke.by) }))
    case 'release':
      return released(drawing)
    case 'undo':
      return turn(drawing, drawing.past, 'past')
    case 'redo':
      return turn(drawing, drawing.future, 'future')
  }
}

const MIDDLE: [number, number][] = [
  [0.35, 0.55],
  [0.65, 0.55],
  [0.7, 0.85],
  [0.3, 0.85],
]

function described({ asset: _asset, inertia: _inertia, ...zone }: PictureZone, { asset, inertia }: Pick<PictureZone, 'asset' | 'inertia'>): PictureZone {
  return { ...zone, ...(asset !== undefined && { asset }), ...(inertia !== undefined && inertia > 1 && { inertia }) }
}

function step(drawing: Drawing, zones: readonly PictureZone[]): Drawing {
  if (drawing.dragging) return { ...drawing, zones }
  return { ...drawing, zones, past: [...drawing.past, drawing.zones].slice(-KEPT), future: [] }
}

function change(drawing: Drawing, id: string, how: (zone: PictureZone) => PictureZone): Drawing {
  if (!drawing.zones.some((zone) => zone.id === id)) return drawing
  return step(
    drawing,
    drawing.zones.map((zone) => (zone.id === id ? how(zone) : zone)),
  )
}

function removeCorner(drawing: Drawing, id: string, corner: number): Drawing {
  const zone = drawing.zones.find((one) => one.id === id)
  if (!zone || zone.polygon.length <= FEWEST || !zone.polygon[corner]) return drawing
  return { ...change(drawing, id, (one) => ({ ...one, polygon: one.polygon.toSpliced(corner, 1) })), corner: null }
}

/** A press that moved nothing is no step. */
function released(drawing: Drawing): Drawing {
  const before = drawing.past.at(-1)
  const still = before !== undefined && JSON.stringify(before) === JSON.stringify(drawing.zones)
  return { ...drawing, dragging: false, past: still ? drawing.past.slice(0, -1) : drawing.past }
}

function turn(drawing: Drawing, steps: readonly (readonly PictureZone[])[], way: 'past' | 'future'): Drawing {
  const zones = steps.at(-1)
  if (!zones) return drawing
  const back = way === 'past' ? 'future' : 'past'
  const zone = zones.some(({ id }) => id === drawing.zone) ? drawing.zone : null
  return { ...drawing, zones, zone, corner: null, dragging: false, [way]: steps.slice(0, -1), [back]: [...drawing[back], drawing.zones] }
}

/** Three digits are a pixel of a 1000-pixel picture: more would only make diffs unreadable. */
const round = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000
const within = ([x, y]: Corner): [number, number] => [round(x), round(y)]

/** The whole shape moves and stays whole: at the edge of the picture it stops. */
function moved(polygon: readonly Corner[], [dx, dy]: Corner): [number, number][] {
  const stop = (by: number, values: readonly number[]): number => Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), by))
  const x = stop(
    dx,
    polygon.map(([value]) => value),
  )
  const y = stop(
    dy,
    polygon.map(([, value]) => value),
  )
  return polygon.map(([left, top]) => within([left + x, top + y]))
}

/** The edge that a point lies nearest to, by the number of the corner where it begins. */
export function edgeNear(polygon: readonly Corner[], [x, y]: Corner): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY]
  polygon.forEach(([ax, ay], index) => {
    const [bx, by] = polygon[(index + 1) % polygon.length] as Corner
    const [dx, dy] = [bx - ax, by - ay]
    const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)))
    const distance = Math.hypot(x - ax - along * dx, y - ay - along * dy)
    if (distance < least) [best, least] = [index, distance]
  })
  return best
}

/** The first free id: zone-1, zone-2, … */
export function freeId(zones: readonly Pick<PictureZone, 'id'>[], stem = 'zone'): string {
  const taken = new Set(zones.map(({ id }) => id))
  let number = 1
  while (taken.has(`${stem}-${number}`)) number++
  return `${stem}-${number}`
}
