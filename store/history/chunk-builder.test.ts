import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import { ChunkBuilder } from './chunk-builder.ts'

it('does not hold the memory of a large chunk once it is on disk', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const observation: Observation = {
    type: 'observation',
    offset: 1,
    receivedAt: 1,
    kind: 'report',
    device: 'd' as DeviceId,
    gateway: 'gw1' as GatewayId,
    at: 1,
    payload: { at: 1 },
  }
  const builder = new ChunkBuilder('d', 'report')
  const text = Buffer.from(JSON.stringify({ at: 1, text: 'x'.repeat(200_000) }))
  builder.add(observation, text, 0, text.length)
  const body = new WeakRef(builder.chunk().body.buffer)
  builder.clear()
  await new Promise(setImmediate)
  collect()
  expect(body.deref()).toBeUndefined()
  builder.add(observation, text, 0, text.length)
  expect(builder.observations()).toHaveLength(1)
})
