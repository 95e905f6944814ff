import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { encodeJpeg } from '../picture.ts'
import { aviOf } from './avi.ts'
import { CLIPS, type Clip, type ClipName, clipOf } from './clip.ts'
import { film } from './film.ts'

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

/** A clip by its name and seed, as `spill:7`. */
function clipNamed(text: string): Clip {
  const [given = '', seed = ''] = text.split(':')
  const name = CLIPS.find((each) => each === given)
  if (name === undefined) throw new Error(`no clip ${given}; there are ${CLIPS.join(', ')}`)
  return clipOf(name, seed)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, clip: { type: 'string', multiple: true, default: [] } } })
  if (values.out === undefined) throw new Error('usage: node inference/training/clips.ts --out DIR [--clip NAME:SEED]…')
  for (const clip of values.clip.map(clipNamed)) process.stdout.write(`${await renderClip(clip, values.out)}\n`)
}

if (import.meta.main) await main()
