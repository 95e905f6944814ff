import type { Ingest } from '../ingest/ingest.ts'
import type { Owners } from '../store/access/owners.ts'

/** Which gateway may report a device, where an admin has said so. */
export interface Ownership {
  /** From now on the device is this gateway's. Throws `request.invalid`, and `not_found` for a gateway that is not there. */
  move(device: string, gateway: string): Promise<void>
  /** Tells the ledger what has changed since the last call, the first time everything. */
  apply(): Promise<void>
  /** The gateway that an admin has moved the device to. */
  gatewayOf(device: string): string | undefined
}

export function createOwnership(owners: Owners, ingest: Pick<Ingest, 'register'>): Ownership {
  const told = new Map<string, string>()
  const apply = async (): Promise<void> => {
    const news = owners.all().filter(({ device, gateway }) => told.get(device) !== gateway)
    if (news.length === 0) return
    await ingest.register(news.map(({ device, gateway }) => ({ device, gateway })))
    for (const { device, gateway } of news) told.set(device, gateway)
  }
  return {
    apply,
    async move(device, gateway) {
      owners.move(device, gateway)
      // Also when it was told before: a camera's configuration may have said otherwise since.
      told.delete(device)
      await apply()
    },
    gatewayOf: (device) => told.get(device),
  }
}
