import { type Asset, devicesOf } from '../../domain/asset.ts'
import type { ControlRecord } from '../../domain/record.ts'

/**
 * Splits a city between workers: which part an asset, or a device, belongs to. An asset and every device that ever
 * watched it stay together, so each part can be judged without the others.
 */
export function partsOf(controls: readonly ControlRecord[], parts: number): (id: string) => number {
  if (parts <= 1) return () => 0
  const leader = new Map<string, string>()
  const lead = (id: string): string => {
    let top = id
    for (let next = leader.get(top); next !== undefined; next = leader.get(top)) top = next
    if (top !== id) leader.set(id, top)
    return top
  }
  for (const record of controls) {
    if (record.type !== 'asset') continue
    for (const device of devicesOf(record.asset as Asset)) {
      const [a, b] = [lead(record.asset.id), lead(device)]
      if (a !== b) leader.set(b, a)
    }
  }
  return (id) => hash(lead(id)) % parts
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
