import { canonical } from '../../domain/canonical.ts'
import { withoutPlates } from '../../domain/privacy.ts'
import { type ClipWork, hideInClip, hideInPicture, type Mask } from '../../drivers/ffmpeg-clip.ts'
import { type Hidden, hiddenAt, maskOf } from './hidden.ts'
import { isSubject, type Look } from './look.ts'
import type { ManifestFile } from './manifest.ts'

/** A copy that may be handed out, with what was done to it; or why there is none. */
export type Copy = { bytes: Uint8Array; done: Done } | { leftOut: string }

/** Labels by what became of them. `wholeS`: seconds of a clip that are hidden altogether, because nobody had looked. */
export interface Done {
  hidden: string[]
  left: string[]
  wholeS?: number
  plates?: number
}

export interface Around {
  looks: readonly Look[]
  /** Key of the alert: whose object stays visible. */
  key: string
  tools: ClipWork
}

const MASKS_PER_S = 5
/** A clip's own clock may differ from that of the looks by this. */
const DRIFT_MS = 600

/** Copies a file of evidence without what shows other people and other vehicles. Throws `source.failed` when ffmpeg cannot. */
export async function blurred(file: Pick<ManifestFile, 'kind' | 'at' | 'ms'>, bytes: Uint8Array, around: Around): Promise<Copy> {
  switch (file.kind) {
    case 'still':
      return blurredStill(bytes, Date.parse(file.at), around)
    case 'clip':
      return blurredClip(bytes, Date.parse(file.at), file.ms ?? 0, around)
    case 'readings':
    case 'scenes': {
      const { bytes: copy, plates } = withoutOthersPlates(bytes, around.key)
      return { bytes: copy, done: { hidden: [], left: [], plates } }
    }
    case 'manifest':
      return { bytes, done: { hidden: [], left: [] } }
  }
}

export async function blurredStill(jpeg: Uint8Array, at: number, { looks, key, tools }: Around): Promise<Copy> {
  const hidden = hiddenAt(looks, at, key)
  if (hidden.all) return { leftOut: 'no look of the model near this picture is kept: who is in it is not known' }
  return { bytes: await hideInPicture(jpeg, maskOf(hidden), tools), done: { hidden: [...hidden.labels], left: [...hidden.left] } }
}

async function blurredClip(mp4: Uint8Array, at: number, ms: number, { looks, key, tools }: Around): Promise<Copy> {
  const steps = Array.from({ length: Math.max(1, Math.ceil((ms * MASKS_PER_S) / 1000)) }, (_, step) => {
    const time = at + (step * 1000) / MASKS_PER_S
    return [time - DRIFT_MS, time, time + DRIFT_MS].map((each) => hiddenAt(looks, each, key))
  })
  const whole = steps.filter((step) => step.some(({ all }) => all)).length
  if (whole === steps.length) return { leftOut: 'no looks of the model at this clip are kept: who is in it is not known' }
  const every = steps.flat()
  const done = { hidden: namesOf(every, 'labels'), left: namesOf(every, 'left'), wholeS: whole / MASKS_PER_S }
  return { bytes: await hideInClip(mp4, steps.map(together), MASKS_PER_S, tools), done }
}

function namesOf(all: readonly Hidden[], which: 'labels' | 'left'): string[] {
  return [...new Set(all.flatMap((each) => each[which]))].sort()
}

/** Hidden where one of them hides. */
function together(step: readonly Hidden[]): Mask {
  const [first, ...rest] = step.map(maskOf) as [Mask, ...Mask[]]
  for (const { cells } of rest) for (let i = 0; i < cells.length; i++) if (cells[i] === 255) first.cells[i] = 255
  return first
}

/** JSON without the plates that were read of vehicles which the alert is not about, and how many they were. */
export function withoutOthersPlates(json: Uint8Array, key: string): { bytes: Uint8Array; plates: number } {
  const { data, plates } = withoutPlates(JSON.parse(new TextDecoder().decode(json)) as unknown, (object) => isSubject(object, key))
  return { bytes: new TextEncoder().encode(canonical(data)), plates }
}
