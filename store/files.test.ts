import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EvidenceId } from '../domain/ids.ts'
import { isId } from '../domain/ids.ts'
import type { Files } from '../domain/ports/files.ts'
import { openFiles } from './files.ts'

const BYTES = new TextEncoder().encode('a still')
let folder: string
let files: Files

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-files-'))
  files = await openFiles(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function kept(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

describe('evidence files', () => {
  it('come back as they were, under an id of the contract and their own SHA-256', async () => {
    const { id, sha256 } = await files.put(BYTES, 'jpg')
    expect(sha256).toBe(createHash('sha256').update(BYTES).digest('hex'))
    expect(isId(id)).toBe(true)
    expect(Buffer.from((await files.get(id)) ?? [])).toEqual(Buffer.from(BYTES))
  })

  it('are one file when they are the same bytes, and the second time nothing is written', async () => {
    const first = await files.put(BYTES, 'jpg')
    const [path = ''] = await kept()
    const before = await stat(path, { bigint: true })
    expect(await files.put(BYTES, 'jpg')).toEqual(first)
    expect(await kept()).toEqual([path])
    expect((await stat(path, { bigint: true })).mtimeNs).toBe(before.mtimeNs)
  })

  it('survive many writers of the same bytes at once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => files.put(BYTES, 'jpg')))
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1)
    expect(await kept()).toHaveLength(1)
  })

  it('leave nothing behind of a writer that was cut off', async () => {
    await writeFile(join(folder, 'partial', '0'), 'half a st')
    const again = await openFiles(folder)
    expect(await kept()).toEqual([])
    expect((await again.put(BYTES, 'json')).id.endsWith('.json')).toBe(true)
  })

  it('say so when somebody changed them on the disk', async () => {
    const { id } = await files.put(BYTES, 'jpg')
    const [path = ''] = await kept()
    await writeFile(path, 'another still')
    await expect(files.get(id)).rejects.toThrow(/SHA-256 differs/)
  })

  it.each(['../secret.jpg', '..%2fsecret.jpg', '/etc/passwd', 'a/../../b.jpg', '', 'partial/0', `${'0'.repeat(48)}.exe`, `${'0'.repeat(48)}.jpg`, `${'0'.repeat(48)}.jpg\0`])(
    'there is none under %j',
    async (id) => {
      expect(await files.get(id as EvidenceId)).toBeUndefined()
    },
  )
})
