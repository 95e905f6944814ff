import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { encodeJpeg } from '../picture.ts'
import { aviOf } from './avi.ts'
import { CLIPS, type Clip, type ClipName, clipOf } from './clip.ts'
import { film } from './film.ts'
import type { View } from './view.ts'

export const CLIP_SIZE = { width: 640, height: 360 }
/** One picture a second: enough for what is told, and little to draw. */
const FPS = 1

export function clipFile(folder: string, name: ClipName): string {
  return join(folder, `${name}.avi`)
}

/** Draws a clip into a video file; it is there only when it is whole. */
export async function renderClip(clip: Clip, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const pictures: Uint8Array[] = []
  for (const { rgb } of film(clip, CLIP_SIZE.width, CLIP_SIZE.height)) pictures.push(await encodeJpeg(rgb, CLIP_SIZE, CLIP_SIZE, { quality: clip.at(0).finish.quality }))
  const file = clipFile(folder, clip.name)
  await writeFile(`${file}.part`, aviOf(pictures, { ...CLIP_SIZE, fps: FPS }))
  await rename(`${file}.part`, file)
  return file
}

/** The streets that the demo city's cameras look at: of the few that were tried, those in which the model sees what happens. */
const DEMO: Record<ClipName, { seed: string; view?: Partial<View> }> = {
  spill: { seed: '4' },
  cover: { seed: '1', view: { x: -1.5, height: 5, yaw: 0.28, pitch: 0.6, fov: 0.6 } },
  parking: { seed: '4' },
}

export function demoClip(name: ClipName): Clip {
  const { seed, view } = DEMO[name]
  return clipOf(name, seed, view)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, clip: { type: 'string', multiple: true, default: [...CLIPS] } } })
  if (values.out === undefined) throw new Error('usage: node inference/training/clips.ts --out DIR [--clip NAME]…')
  for (const name of CLIPS) if (values.clip.includes(name)) process.stdout.write(`${await renderClip(demoClip(name), values.out)}\n`)
}

if (import.meta.main) await main()
