import { BLOCKS, detailOf, edgesOf, type Luminance, likeness, percentile, shareAbove } from './luminance.ts'

/** What can be wrong with a camera's picture, as presence observations say it. */
export const PICTURE_STATES = ['ok', 'frozen', 'dark', 'bright', 'covered', 'moved'] as const
export type PictureState = (typeof PICTURE_STATES)[number]

/** How a camera's picture usually is, made from many of them so that what passes is not in it. */
export interface Usual {
  edges: Float32Array
  /** Relative to its light: a dull day shows the same with less contrast. */
  detail: Float32Array
}

/** A limit to enter a state, and a weaker one to stay in it: a picture on the border does not flicker. */
interface Limit {
  enter: number
  stay: number
}
/** The brightest fiftieth of the picture is darker than this: not even a lamp is seen. */
const DARK: Limit = { enter: 36, stay: 50 }
/** Share of the picture that is burnt out. */
const BRIGHT: Limit = { enter: 0.5, stay: 0.35 }
const BURNT = 245
/** Share of the blocks with something to see in which nothing of it is left. */
const COVERED: Limit = { enter: 0.55, stay: 0.4 }
const SOMETHING = 1
const NOTHING_LEFT = 0.3
const FEWEST_BLOCKS = 6
/** Below it there is nothing to see at all, whatever there usually is. */
const BLANK = 0.5
/** What is seen is elsewhere in the picture, by two cells (3 %) or more … */
const SHIFTED = { like: 0.7, better: 0.12, cells: 2, reachX: 10, reachY: 6 }
/** … or something else is seen. */
const ELSEWHERE: Limit = { enter: 0.3, stay: 0.5 }
/** Above it the search for a shift is not worth its time. */
const ALIKE = 0.8
/** A new view stands still; what passes close by does not. */
const STANDS_STILL = 0.7

const isIn = (state: PictureState, now: PictureState, { enter, stay }: Limit): number => (state === now ? stay : enter)

/**
 * What is wrong with one picture, compared with how it usually is (null: not known yet) and with the one before. `now` is the state
 * that it is in. Whether it freezes, one picture cannot tell.
 */
export function faultOf(picture: Luminance, before: Luminance | null, usual: Usual | null, now: PictureState): Exclude<PictureState, 'frozen'> {
  if (percentile(picture, 0.98) < isIn('dark', now, DARK)) return 'dark'
  if (shareAbove(picture, BURNT) > isIn('bright', now, BRIGHT)) return 'bright'
  if (lost(picture, usual) > isIn('covered', now, COVERED)) return 'covered'
  if (usual && isMoved(picture, before, usual, now)) return 'moved'
  return 'ok'
}

export function usualOf(picture: Luminance): Usual {
  return { edges: edgesOf(picture), detail: relativeDetail(picture) }
}

function relativeDetail(picture: Luminance): Float32Array<ArrayBuffer> {
  const light = picture.reduce((sum, cell) => sum + cell, 0) / picture.length
  return detailOf(picture).map((detail) => (detail * 100) / (light + 10))
}

/** Share of the blocks that usually show something in which nothing of it is left. */
function lost(picture: Luminance, usual: Usual | null): number {
  const detail = relativeDetail(picture)
  if (detail.reduce((sum, block) => sum + block, 0) / BLOCKS < BLANK) return 1
  let [shown, gone] = [0, 0]
  usual?.detail.forEach((before, block) => {
    if (before < SOMETHING) return
    shown++
    if ((detail[block] ?? 0) < NOTHING_LEFT * before) gone++
  })
  return shown < FEWEST_BLOCKS ? 0 : gone / shown
}

function isMoved(picture: Luminance, before: Luminance | null, usual: Usual, now: PictureState): boolean {
  const edges = edgesOf(picture)
  const like = likeness(usual.edges, edges)
  if (like >= ALIKE || !before || likeness(edgesOf(before), edges) < STANDS_STILL) return false
  return like < isIn('moved', now, ELSEWHERE) || isShifted(usual.edges, edges, like)
}

function isShifted(usual: Float32Array, edges: Float32Array, like: number): boolean {
  const { reachX, reachY, better, cells } = SHIFTED
  let best = { like: Math.max(SHIFTED.like, like + better), dx: 0, dy: 0 }
  for (let dy = -reachY; dy <= reachY; dy++) {
    for (let dx = -reachX; dx <= reachX; dx++) {
      const found = likeness(usual, edges, dx, dy)
      if (found > best.like) best = { like: found, dx, dy }
    }
  }
  return Math.max(Math.abs(best.dx), Math.abs(best.dy)) >= cells
}
