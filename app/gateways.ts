import type { LedgerView } from '../domain/ports/telemetry.ts'

/**
 * Which gateway a device belongs to, asked of the ledger once per device. Null when the ledger cannot say: an alert without
 * a gateway is one that no gateway explains, and no reason to stop the projection.
 */
export function gatewayIndex(ledger: { ledger(query: { device: string; limit: number }): Promise<{ items: LedgerView[] }> }): (device: string) => Promise<string | null> {
  const known = new Map<string, string>()
  return async (device) => {
    const gateway = known.get(device) ?? (await ledger.ledger({ device, limit: 1 }).catch(() => undefined))?.items[0]?.gateway
    if (gateway !== undefined) known.set(device, gateway)
    return gateway ?? null
  }
}
