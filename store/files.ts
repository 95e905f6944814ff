import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CodedError } from '../domain/errors.ts'
import type { EvidenceId } from '../domain/ids.ts'
import type { Files } from '../domain/ports/files.ts'

/** Hex digits of the SHA-256 that make an id: 192 bits, so that with its extension it is still an id of the contract (64 characters). */
const DIGITS = 48
const FILE_ID = /^[0-9a-f]{48}\.(?:jpg|mp4|json)$/

/** Evidence in a folder: `ab/abcdef….jpg`. Opening removes what writers that were cut off left behind. */
export async function openFiles(folder: string): Promise<Files> {
  const partial = join(folder, 'partial')
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true })
  let writes = 0

  function pathOf(id: string): string {
    return join(folder, id.slice(0, 2), id)
  }

  return {
    async put(bytes, extension) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const id = `${sha256.slice(0, DIGITS)}.${extension}` as EvidenceId
      const path = pathOf(id)
      if (await exists(path)) return { id, sha256 }
      const temporary = join(partial, String(writes++))
      try {
        await writeFlushed(temporary, bytes)
        if ((await mkdir(dirname(path), { recursive: true })) !== undefined) await flushFolder(folder)
        await rename(temporary, path)
      } catch (error) {
        // Half a file on a full disk would keep it full, and each new attempt leaves another.
        await rm(temporary, { force: true })
        throw error
      }
      await flushFolder(dirname(path))
      return { id, sha256 }
    },

    async get(id) {
      if (!FILE_ID.test(id)) return undefined
      const bytes = await readFile(pathOf(id)).catch(absent)
      // A picture that somebody changed on the disk proves nothing; better none than a false one.
      if (bytes && !id.startsWith(createHash('sha256').update(bytes).digest('hex').slice(0, DIGITS)))
        throw new CodedError('internal', `evidence ${id} is not the file that was kept: its SHA-256 differs`)
      return bytes
    },

    async remove(id) {
      if (FILE_ID.test(id)) await rm(pathOf(id), { force: true })
    },

    async *ids(before) {
      for (const { name } of (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name)))
        for (const id of await readdir(join(folder, name)))
          if (FILE_ID.test(id) && ((await stat(join(folder, name, id)).catch(absent))?.mtimeMs ?? before) < before) yield id as EvidenceId
    },
  }
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A rename is on disk only once its folder is. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(absent)) !== undefined
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
