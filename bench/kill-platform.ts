import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const CLI = join(import.meta.dirname, '../app/cli.ts')

/** The command line in a process of its own; what it wrote to standard output. Throws when it fails. `inside` is what its command line begins with. */
export function wanglou(args: readonly string[], inside: readonly string[] = []): string {
  const [program = '', ...rest] = [...inside, process.execPath, CLI, ...args]
  return execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 })
}

/** A platform in a process of its own, to be killed. */
export interface PlatformProcess {
  /** Where it listens, or undefined when it ended before it was ready. */
  ready: Promise<{ http: string; mqtt: string } | undefined>
  /** Resolves when it is gone, with its exit code; null when a signal ended it. */
  gone: Promise<number | null>
  /** What it wrote to standard output, and to standard error. */
  output(): string
  errors(): string
  signal(name: 'SIGKILL' | 'SIGTERM'): void
}

export function startProcess(args: readonly string[], env: Readonly<Record<string, string | undefined>>, inside: readonly string[] = []): PlatformProcess {
  const [program = '', ...rest] = [...inside, process.execPath, CLI, 'start', ...args]
  const child: ChildProcess = spawn(program, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const gone = once(child, 'close').then(() => child.exitCode)
  const ready = new Promise<{ http: string; mqtt: string } | undefined>((resolve) => {
    if (child.stdout) {
      createInterface(child.stdout).on('line', (line) => {
        const [, http, mqtt] = /^ready http=(\S+) mqtt=(\S+)$/.exec(line) ?? []
        if (http && mqtt) resolve({ http, mqtt })
      })
    }
    void gone.then(() => resolve(undefined))
  })
  return { ready, gone, output: () => output, errors: () => errors, signal: (name) => void child.kill(name) }
}
