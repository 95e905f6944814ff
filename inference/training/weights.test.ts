import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkModel } from '../check.ts'
import type { Sample } from './collections.ts'
import { worthOf } from './evaluate.ts'
import { LABELS } from './labels.ts'
import { renderPicture } from './render.ts'

const MANIFEST = join(import.meta.dirname, '../models/wanglou-street.yaml')
const PICTURES = 60
/** Weights that have learnt nothing come to less than a hundredth of this. */
const LEAST = 0.1

describe.skipIf(!existsSync(MANIFEST))('the weights that come with the project', () => {
  let folder: string
  const samples: Sample[] = []
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wanglou-street-'))
    for (let i = 0; i < PICTURES; i++) {
      const { jpeg, labels } = await renderPicture(`test/${i}`)
      const picture = join(folder, `${i}.jpg`)
      await writeFile(picture, jpeg)
      samples.push({ picture, truths: labels })
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('are a model that can fire, with the labels of the renderer', async () => {
    const check = await checkModel(MANIFEST, { pictures: samples.slice(0, 2).map(({ picture }) => picture), clock: () => performance.now() })
    expect(check.labels).toEqual([...LABELS])
  })

  it('find what is in streets that they have not seen', async () => {
    const { map50, labels } = await worthOf('test', samples, MANIFEST)
    expect(map50).toBeGreaterThan(LEAST)
    expect(labels.filter(({ ap50 }) => (ap50 ?? 0) > 0.02).length).toBeGreaterThan(LABELS.length / 2)
  })
})
