import type { Projected } from '../domain/projection.ts'
import type { Book } from '../store/book/book.ts'

/** Which cameras have alerts that stand, of what was seen through them: not those that say that a camera is lost. */
export interface Alerting {
  /** Devices whose alerts stand now. */
  devices(): string[]
  /** Takes what the journal brought; the devices for which it makes a difference. */
  follow(entries: readonly Projected[]): { device: string; alerting: boolean }[]
}

const MOST = 10_000

export async function openAlerting({ alerts }: Pick<Book, 'alerts'>): Promise<Alerting> {
  const standing = new Map<string, Set<string>>()
  for (const { id, devices, model } of await alerts.list({ condition: ['firing', 'recovering'], limit: MOST }, ''))
    if (model !== null) for (const device of devices) add(standing, device, id)
  return {
    devices: () => [...standing.keys()],
    follow: (entries) =>
      entries.flatMap((entry) => {
        if (entry.type !== 'transition' || entry.shadow || entry.model === null) return []
        return entry.devices.flatMap((device) => {
          const before = standing.has(device)
          if (entry.condition === 'resolved') remove(standing, device, entry.alert)
          else add(standing, device, entry.alert)
          return standing.has(device) === before ? [] : [{ device, alerting: !before }]
        })
      }),
  }
}

function add(standing: Map<string, Set<string>>, device: string, alert: string): void {
  const alerts = standing.get(device) ?? new Set()
  standing.set(device, alerts.add(alert))
}

function remove(standing: Map<string, Set<string>>, device: string, alert: string): void {
  const alerts = standing.get(device)
  alerts?.delete(alert)
  if (alerts?.size === 0) standing.delete(device)
}
