import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { freePort } from '../fixtures/free-port.fixture.ts'

/** VictoriaMetrics takes InfluxDB's `/api/v2/write`; it keeps numbers and flags, and drops text. Undefined where it is not installed. */
export const VICTORIA = ['/usr/bin/victoria-metrics', '/usr/local/bin/victoria-metrics'].find(existsSync)

export interface Series {
  metric: Record<string, string>
  values: number[]
  timestamps: number[]
}

/** A server on loopback, in a folder that goes with it. */
export interface VictoriaServer {
  url: string
  /** Every series that matches, as it is written by now. */
  series(match: string): Promise<Series[]>
  stop(): Promise<void>
}

export async function startVictoria(): Promise<VictoriaServer> {
  const folder = mkdtempSync(join(tmpdir(), 'wanglou-influx-'))
  const port = await freePort()
  const flags = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${folder}`, '-retentionPeriod=100y', '-search.latencyOffset=0s', '-memory.allowedBytes=64MB']
  const child = spawn(VICTORIA ?? '', flags, { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  await vi.waitFor(async () => expect((await fetch(`${url}/health`)).status).toBe(200), { timeout: 20_000 })
  return {
    url,
    async series(match) {
      await fetch(`${url}/internal/force_flush`)
      const answer = await fetch(`${url}/api/v1/export?${new URLSearchParams({ 'match[]': match })}`)
      return (await answer.text())
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Series)
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
