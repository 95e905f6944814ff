import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../../domain/random.ts'
import { encodeJpeg } from '../picture.ts'
import { CLIPS, clipOf } from './clip.ts'
import { draw, type Labelled } from './draw.ts'
import { LABELS } from './labels.ts'
import { streetOf } from './street.ts'

/** Size of the finished pictures; they are drawn larger, so that edges are smooth. */
export const PICTURE = { width: 384, height: 216 }
const DRAWN = { width: 480, height: 270 }

/** One picture of a data set with its labels. */
export async function renderPicture(seed: string): Promise<{ jpeg: Uint8Array; labels: Labelled[] }> {
  const street = streetOf(seed)
  const { rgb, labels } = draw(street, DRAWN.width, DRAWN.height)
  return { jpeg: await encodeJpeg(rgb, DRAWN, PICTURE, street.finish), labels }
}

/** One second of a story of its own, as the demo's cameras see theirs; most are of the time in which it happens. */
export async function renderClipPicture(seed: string): Promise<{ jpeg: Uint8Array; labels: Labelled[] }> {
  const random = new Random(`moment/${seed}`)
  const clip = clipOf(random.pick(CLIPS), seed)
  const street = clip.at(Math.floor(random.chance(0.6) ? random.between(10, 70) : random.between(0, clip.seconds)))
  const { rgb, labels } = draw({ ...street, seed }, DRAWN.width, DRAWN.height)
  return { jpeg: await encodeJpeg(rgb, DRAWN, PICTURE, street.finish), labels }
}

/** `labels.ndjson`: one line per picture, boxes as class, x, y, width, height in fractions, and 1 for those that must not be asked for. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100' },
      seed: { type: 'string', default: 'train' },
      clips: { type: 'boolean', default: false },
      from: { type: 'string', default: '0' },
      out: { type: 'string' },
    },
  })
  if (values.out === undefined) throw new Error('usage: node inference/training/render.ts --out DIR [--count N] [--seed TEXT] [--from N] [--clips]')
  await mkdir(values.out, { recursive: true })
  const lines: string[] = []
  const [from, count] = [Number(values.from), Number(values.count)]
  for (let i = from; i < from + count; i++) {
    const file = `${String(i).padStart(6, '0')}.jpg`
    const { jpeg, labels } = await (values.clips ? renderClipPicture : renderPicture)(`${values.seed}/${i}`)
    await writeFile(join(values.out, file), jpeg)
    lines.push(JSON.stringify({ file, boxes: labels.map(({ label, box, faint }) => [LABELS.indexOf(label), ...box.map((each) => Math.round(each * 1e4) / 1e4), faint ? 1 : 0]) }))
  }
  // A part of a set that several processes render at the same time has its own list.
  await writeFile(join(values.out, `labels-${String(from).padStart(6, '0')}.ndjson`), `${lines.join('\n')}\n`)
}

if (import.meta.main) await main()
