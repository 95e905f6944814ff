import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalRecord } from '../domain/record.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import { type Ingest, type IngestOptions, startIngest } from './ingest.ts'
import { RawClient } from './raw-client.fixture.ts'

/** For tests: a room on a folder of its own. Gateways are gw1 … with password `secret`; tokens are `token:AREA`. */
export class TestRoom {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'ingest-'))
  readonly logged: string[] = []
  readonly #clients: RawClient[] = []
  ingest!: Ingest

  async start(options: Partial<IngestOptions> = {}): Promise<this> {
    const log = (_: object, message: string): void => void this.logged.push(message)
    this.ingest = await startIngest({
      dataDir: this.dataDir,
      mqtt: { host: '127.0.0.1', port: 0 },
      log: { info: log, warn: log, error: log },
      authenticate: async ({ username, password }) => {
        if (password === 'secret' && username?.startsWith('gw')) return { kind: 'gateway' }
        return password?.startsWith('token:') ? { kind: 'consumer', area: password.slice(6) } : null
      },
      ...options,
    })
    return this
  }

  client(): RawClient {
    const client = new RawClient(this.ingest.port)
    this.#clients.push(client)
    return client
  }

  async gateway(id: string): Promise<RawClient> {
    const client = this.client()
    const code = await client.connect({ clientId: id, username: id, password: Buffer.from('secret') })
    if (code !== 0) throw new Error(`${id} was refused: ${code}`)
    return client
  }

  async consumer(clientId: string, area = ''): Promise<RawClient> {
    const client = this.client()
    const code = await client.connect({ clientId, username: clientId, password: Buffer.from(`token:${area}`) })
    if (code !== 0) throw new Error(`${clientId} was refused: ${code}`)
    return client
  }

  journal(): JournalRecord[] {
    const reader = openJournalReader(join(this.dataDir, 'journal'))
    const records = reader.read(1, Number.MAX_SAFE_INTEGER).flatMap((batch) => batch.records)
    reader.close()
    return records
  }

  /** Ends this life of the room; the folder stays. */
  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.socket.destroy()
    await this.ingest.close()
  }

  async dispose(): Promise<void> {
    await this.stop()
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}
