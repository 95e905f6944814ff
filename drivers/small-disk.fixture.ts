import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, fstatSync, ftruncateSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A file system of its own size in a mount namespace of its own: on it the kernel itself says that the disk is full, and
 * nothing stays mounted, however the tests end.
 */
export interface SmallDisk {
  /** Where it lies, for processes that are started inside. */
  readonly path: string
  /** What a command line begins with to run where the disk is. */
  readonly inside: readonly string[]
  /** The same place for this process: good for files, not for SQLite, which follows links to where the disk is not. */
  readonly outside: string
  /** Takes all the room that there is, but so many megabytes. */
  fill(spare?: number): void
  /** Gives back what `fill` took. */
  free(): void
  close(): Promise<void>
}

const READY = 'mounted'
const MEGABYTE = 1024 * 1024
const STEPS = [MEGABYTE, 4096]

/** Null where neither root nor a user namespace of one's own may mount. */
export async function openSmallDisk(megabytes: number): Promise<SmallDisk | null> {
  const path = mkdtempSync(join(tmpdir(), 'wanglou-disk-'))
  for (const user of process.getuid?.() === 0 ? [false, true] : [true]) {
    const holder = spawn('unshare', [user ? '-Urm' : '-m', 'sh', '-c', `mount -t tmpfs -o size=${megabytes}m tmpfs ${path} && echo ${READY} && exec cat`])
    if (await mounted(holder)) return diskOf(holder, path, user)
  }
  rmdirSync(path)
  return null
}

async function mounted(holder: ChildProcess): Promise<boolean> {
  const said = holder.stdout ? once(holder.stdout, 'data').then(([chunk]) => String(chunk).startsWith(READY)) : false
  const failed = new Promise<false>((resolve) => holder.once('error', () => resolve(false)).once('exit', () => resolve(false)))
  return Promise.race([said, failed])
}

function diskOf(holder: ChildProcess, path: string, user: boolean): SmallDisk {
  const outside = `/proc/${holder.pid}/root${path}`
  const ballast = join(outside, 'ballast')
  return {
    path,
    outside,
    inside: ['nsenter', '-t', String(holder.pid), ...(user ? ['-U', '--preserve-credentials'] : []), '-m', '--'],
    fill(spare = 0) {
      const file = openSync(ballast, 'a')
      for (const bytes of STEPS) while (taken(file, bytes));
      ftruncateSync(file, Math.max(0, fstatSync(file).size - spare * MEGABYTE))
      closeSync(file)
    },
    free: () => rmSync(ballast, { force: true }),
    async close() {
      const gone = once(holder, 'exit')
      holder.stdin?.end()
      await gone
      if (existsSync(path)) rmdirSync(path)
    },
  }
}

function taken(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes)) > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}
