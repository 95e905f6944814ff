import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Area } from '../domain/area.ts'
import { openBook } from '../store/book/book.ts'
import { importAssets } from './commands/import.ts'
import { dataPaths } from './paths.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

const GRID = '370602001001001'
const WEST: Area = {
  code: GRID,
  level: 'grid',
  name: 'West',
  polygon: [
    [
      [121.3, 37.5],
      [121.4, 37.5],
      [121.4, 37.6],
      [121.3, 37.6],
      [121.3, 37.5],
    ],
  ],
}
const COVERS = Array.from({ length: 10 }, (_, index) => `wet-${index}`)
let platform: TestPlatform
let gateway: MqttClient

beforeAll(async () => {
  platform = await testPlatform()
  const book = await openBook(dataPaths(platform.data).book)
  await book.transaction((tables) => tables.assets.replaceAreas([WEST]))
  await book.close()
  const password = await platform.gateway('gw-1')
  await platform.start()
  gateway = await connectAsync(platform.mqtt(), { clientId: 'gw-1', username: 'gw-1', password, protocolVersion: 4, reconnectPeriod: 0 })
})
afterAll(async () => {
  await gateway.endAsync(true)
  await platform.remove()
})

describe('assets that are imported with a place alone', () => {
  it('lie in their grid for the rules too: ten covers with high water are one flood there', { timeout: 60_000 }, async () => {
    const file = join(platform.data, 'covers.csv')
    writeFileSync(file, `id,kind,lon,lat\n${COVERS.map((id, index) => `${id},cover,${121.31 + index / 1000},37.55`).join('\n')}\n`)
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    await importAssets(file, { data: platform.data }).finally(() => out.mockRestore())
    await soon(async () => (await platform.response(`assets/${COVERS.at(-1)}`)).ok)
    for (const cover of COVERS)
      for (const ago of [120_000, 60_000])
        await gateway.publishAsync(`city/v1/from/gw-1/observation/cover/${cover}`, JSON.stringify({ at: new Date(Date.now() - ago).toISOString(), waterMm: 900 }), { qos: 1 })
    await soon(async () => (await platform.alerts('rule=cover-water-high')).length === COVERS.length)
    await soon(async () => (await platform.alerts('rule=cover-flood-area')).length > 0)
    expect(await platform.alerts('rule=cover-flood-area')).toMatchObject([{ grid: GRID, area: GRID.slice(0, 12), severity: 'critical' }])
  })
})
