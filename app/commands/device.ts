import { existsSync } from 'node:fs'
import { CodedError } from '../../domain/errors.ts'
import type { LedgerView } from '../../domain/ports/telemetry.ts'
import { formatInstant } from '../../domain/time.ts'
import { LedgerReader, ledgerPath } from '../../ingest/ledger-store.ts'
import { didYouMean } from '../../rules/language/nearest.ts'
import { type AccessStore, openAccess } from '../../store/access/access.ts'
import { dataPaths } from '../paths.ts'
import { BY } from './leave.ts'

interface DeviceFlags {
  data: string
}

/** Every device with the gateway that may report it; a running platform writes what it hears down every few seconds. */
export async function listDevices({ data, gateway, json }: DeviceFlags & { gateway?: string; json?: boolean }): Promise<number> {
  const owned = new Map(await withAccess(data, ({ owners }) => owners.all().map((each) => [each.device, each.gateway] as const)))
  const known = ledgerOf(data)
  const unheard = [...owned.keys()].filter((device) => !known.some((each) => each.device === device)).map((device) => ({ device, gateway: '', lastSeen: null }))
  const devices = [...known, ...unheard]
    .map(({ device, gateway, lastSeen }) => ({ device, gateway: owned.get(device) ?? gateway, lastSeen }))
    .filter((each) => gateway === undefined || each.gateway === gateway)
    .sort((a, b) => (a.device < b.device ? -1 : 1))
  process.stdout.write(json ? `${JSON.stringify(devices)}\n` : devices.map((each) => `${each.device}  ${each.gateway || '(nobody)'}  ${each.lastSeen ?? 'never seen'}\n`).join(''))
  return 0
}

/** Gives a device to another gateway; a running platform knows within a second. */
export async function moveDevice(device: string, gateway: string, { data }: DeviceFlags): Promise<number> {
  const before = ledgerOf(data, device)[0]?.gateway
  await withAccess(data, ({ owners, keys, audit }) => {
    const ids = keys.gateways().map(({ id }) => id)
    if (!ids.includes(gateway)) throw new CodedError('not_found', `There is no gateway ${gateway}${didYouMean(gateway, ids)}`)
    owners.move(device, gateway)
    audit.append({ at: formatInstant(Date.now()), by: BY, what: 'device.move', target: device, detail: JSON.stringify({ gateway }) })
  })
  process.stdout.write(`${device} is ${gateway}'s now; ${before ? `it was ${before}'s` : 'nobody has reported it yet'}\n`)
  return 0
}

async function withAccess<T>(data: string, work: (store: AccessStore) => T): Promise<T> {
  const store = openAccess(dataPaths(data).access, { now: Date.now })
  try {
    return work(store)
  } finally {
    store.close()
  }
}

const PAGE = 10_000

/** What the ledger knows, of one device or of all; empty before the first start. */
function ledgerOf(data: string, device?: string): Pick<LedgerView, 'device' | 'gateway' | 'lastSeen'>[] {
  if (!existsSync(ledgerPath(data))) return []
  const reader = new LedgerReader(data)
  try {
    const found: LedgerView[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { items, next }: ReturnType<LedgerReader['ledger']> = reader.ledger({ limit: PAGE, cursor, ...(device !== undefined && { device }) })
      found.push(...items)
      cursor = next
    }
    return found
  } finally {
    reader.close()
  }
}
