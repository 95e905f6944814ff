import { expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import { Engine } from '../../rules/engine.ts'
import { MemoryHistory } from '../../rules/memory-history.ts'
import { LatestChanges } from './latest.ts'

const AT = Date.UTC(2026, 0, 5)
const said = (offset: number, device: string): Observation => ({
  ...{ type: 'observation', offset, receivedAt: AT, kind: 'cover', device: device as DeviceId, gateway: 'gw1' as GatewayId, at: AT + offset },
  payload: { at: AT + offset, waterMm: offset },
})

it('tells every change once and the newest values, a tenth at a time and those that waited longest first', () => {
  const engine = new Engine(new MemoryHistory())
  const latest = new LatestChanges()
  const devices = Array.from({ length: 1000 }, (_, n) => `c-${n}`)
  const observations = [...devices, 'c-0'].map((device, index) => said(index + 1, device))
  engine.step(observations)
  latest.note(engine.state, observations)
  const told: string[] = []
  for (let changes = latest.take(engine.state); changes.length > 0; changes = latest.take(engine.state)) {
    expect(changes.length).toBeLessThanOrEqual(devices.length / 10)
    if (told.length === 0) expect(changes[0]).toMatchObject({ id: 'c-0', values: { waterMm: observations.length } })
    told.push(...changes.map(({ id }) => id))
  }
  expect(told).toEqual(devices)
})
