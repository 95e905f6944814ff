import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listDevices, moveDevice } from './commands/device.ts'
import { printed, soon, type TestPlatform, testPlatform } from './testplatform.ts'

let platform: TestPlatform
const passwords = new Map<string, string>()
const gateways = new Map<string, MqttClient>()

async function connectAll(): Promise<void> {
  for (const [id, password] of passwords) gateways.set(id, await connectAsync(platform.mqtt(), { clientId: id, username: id, password, protocolVersion: 4, reconnectPeriod: 0 }))
}
async function endAll(): Promise<void> {
  for (const client of gateways.values()) await client.endAsync(true)
}

let turn = 0
/** Reports, and says whether it was kept. */
async function keeps(gateway: string, device: string): Promise<boolean> {
  const id = `m-${++turn}`
  await gateways.get(gateway)?.publishAsync(`city/v1/from/${gateway}/observation/cover/${device}`, JSON.stringify({ at: Date.now(), id, batteryPct: 90 }), { qos: 1 })
  await platform.settled()
  const { items } = await platform.ask<{ items: { id: string }[] }>(`observations?device=${device}`)
  return items.some((each) => each.id === id)
}

beforeAll(async () => {
  platform = await testPlatform()
  for (const id of ['gw-1', 'gw-2']) passwords.set(id, await platform.gateway(id))
  await platform.start()
  await connectAll()
})
afterAll(async () => {
  await endAll()
  await platform.remove()
})

/** What the audit log says of them, newest first. */
async function moves(): Promise<{ what: string }[]> {
  return (await platform.ask<{ items: { what: string }[] }>('audit')).items.filter(({ what }) => what === 'device.move')
}

describe('S9 a device belongs to the gateway that first reported it', () => {
  const data = () => ({ data: platform.data })

  it('until an admin moves it by a command, which holds within a second', async () => {
    expect([await keeps('gw-1', 'c-1'), await keeps('gw-2', 'c-1')]).toEqual([true, false])
    expect(await platform.ask('rejects?gateway=gw-2')).toMatchObject({ items: [{ code: 'device.not_yours' }] })
    expect(await printed(() => moveDevice('c-1', 'gw-2', data()))).toMatch(/^c-1 is gw-2's now; /)
    await soon(async () => (await platform.ask<{ items: { gateway: string }[] }>('ledger?device=c-1')).items[0]?.gateway === 'gw-2', 1000)
    expect([await keeps('gw-1', 'c-1'), await keeps('gw-2', 'c-1')]).toEqual([false, true])
    expect(await moves()).toMatchObject([{ by: 'command-line', target: 'c-1', detail: '{"gateway":"gw-2"}' }])
  })

  it('or over the API, at once', async () => {
    expect([await keeps('gw-1', 'c-2'), await keeps('gw-2', 'c-2')]).toEqual([true, false])
    expect(await platform.ask('devices/c-2', { gateway: 'gw-2' }, 'PUT')).toEqual({ device: 'c-2', gateway: 'gw-2' })
    expect([await keeps('gw-1', 'c-2'), await keeps('gw-2', 'c-2')]).toEqual([false, true])
    expect((await moves())[0]).toMatchObject({ by: 'test', target: 'c-2', detail: '{"gateway":"gw-2"}' })
  })

  it('also over a restart that has lost the ledger, which the journal says otherwise of', async () => {
    await endAll()
    await platform.stop()
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(platform.data, `ledger.db${suffix}`), { force: true })
    await platform.start()
    await connectAll()
    expect([await keeps('gw-1', 'c-1'), await keeps('gw-2', 'c-1')]).toEqual([false, true])
  })

  it.each([
    ['a gateway that is not there', ['c-1', 'gw-3'], 'not_found', /^There is no gateway gw-3; did you mean gw-\d\?$/],
    ['what is no id', ['c 1', 'gw-2'], 'request.invalid', /./],
  ])('%s is refused', async (_, [device = '', gateway = ''], code, message) => {
    await expect(moveDevice(device, gateway, data())).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect((await platform.response(`devices/${encodeURIComponent(device)}`, { gateway }, 'PUT')).status).toBe(code === 'not_found' ? 404 : 400)
  })

  it('the list says whose each is, also of one that nobody has reported yet', async () => {
    expect(await printed(() => moveDevice('c-3', 'gw-1', data()))).toBe("c-3 is gw-1's now; nobody has reported it yet\n")
    const lines = (await printed(() => listDevices(data()))).split('\n')
    expect(lines).toEqual([expect.stringMatching(/^c-1 {2}gw-2 {2}20\d\d-/), expect.stringMatching(/^c-2 {2}gw-2 {2}20\d\d-/), 'c-3  gw-1  never seen', ''])
    expect(JSON.parse(await printed(() => listDevices({ ...data(), gateway: 'gw-1', json: true })))).toMatchObject([{ device: 'c-3', gateway: 'gw-1' }])
    await soon(async () => !(await keeps('gw-2', 'c-3')), 1000)
    expect(await keeps('gw-1', 'c-3')).toBe(true)
  })
})
