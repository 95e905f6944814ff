import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HealthReport } from '../api/deps.ts'
import { openReceiver, type Receiver, SECRET } from '../cases/receiver.ts'
import { enableDesk, listDesks, replayDesk } from './commands/desk.ts'
import { printed, soon, type TestPlatform, testPlatform } from './testplatform.ts'

let receiver: Receiver
let platform: TestPlatform
const data = () => ({ data: platform.data })

/** How the desk answers from now on; only what it takes has an effect. */
function answer(status: number): void {
  receiver.onRequest((_id, response, take) => {
    if (status === 204) take()
    response.writeHead(status).end()
  })
}

/** A case that the desk is told of, and the health of desks once it was. */
async function tell(): Promise<string> {
  const before = receiver.requests.length
  const { id } = await platform.ask<{ id: string }>('cases', { type: 'maintenance', asset: 'cover-1' })
  await receiver.until(() => receiver.requests.length > before)
  return id
}
const health = async (): Promise<unknown> => (await platform.ask<HealthReport>('health')).parts.desks
const acts = async (): Promise<unknown[]> => (await platform.ask<{ items: { what: string }[] }>('audit')).items.filter(({ what }) => what.startsWith('desk.'))

beforeAll(async () => {
  receiver = await openReceiver()
  const desks = [{ name: 'city', url: receiver.url.href, secretEnv: 'DESK_SECRET', allow: ['127.0.0.1'], events: ['*'], receives: 'everything' }]
  platform = await testPlatform({ desks }, { env: { DESK_SECRET: SECRET } })
  await platform.start()
  await platform.ask('assets/cover-1', { kind: 'cover' }, 'PUT')
})
afterAll(async () => {
  await platform.remove()
  await receiver.close()
})

describe('a desk that answered once that it is gone', () => {
  it('is shown in health, metrics and the list, and takes deliveries again when an admin says so', async () => {
    expect(await health()).toEqual({ state: 'ok', city: { pending: 0, dead: 0 } })
    answer(410)
    const first = await tell()
    await soon(async () => (await platform.metric('wanglou_desk_disabled', 'desk="city"')) === 1)
    answer(204)
    const second = await platform.ask<{ id: string }>('cases', { type: 'maintenance', asset: 'cover-1' })
    await soon(async () => (await platform.metric('wanglou_desk_deliveries', 'state="pending"')) === 1)
    expect(await health()).toMatchObject({
      state: 'failing',
      why: expect.stringMatching(/^city takes nothing since 20\S+: .*410.*; 1 deliveries wait; city has 1 dead letters, the newest: .*410/),
    })
    expect(await printed(() => listDesks(data()))).toMatch(/^city {2}pending 1 {2}dead 1 {2}disabled since 20\S+: .*410.* {2}last error: .*410.*\n$/)
    expect(receiver.effects).toEqual([])

    expect(await printed(() => enableDesk('city', data()))).toBe('city takes deliveries again; 1 wait\n')
    await receiver.until(() => receiver.effects.length === 1)
    expect(await printed(() => replayDesk('city', data()))).toBe('1 dead letters of city go out again\n')
    await receiver.until(() => receiver.effects.length === 2)
    const told = receiver.requests.map(({ body }) => (JSON.parse(body) as { subject: string }).subject)
    expect(told.slice(-2)).toEqual([second.id, first])
    await soon(async () => (await platform.metric('wanglou_desk_deliveries')) === 0)
    expect(await health()).toEqual({ state: 'ok', city: { pending: 0, dead: 0 } })
    expect(await acts()).toMatchObject([
      { by: 'command-line', what: 'desk.replay', target: 'city', detail: '{"replayed":1}' },
      { by: 'command-line', what: 'desk.enable', target: 'city' },
    ])
  })

  it('or over the API', async () => {
    answer(410)
    await tell()
    await soon(async () => (await platform.metric('wanglou_desk_disabled')) === 1)
    expect(await platform.ask('desks')).toMatchObject({ items: [{ desk: 'city', pending: 0, dead: 1, disabled: { why: expect.stringContaining('410') } }], next: null })
    answer(204)
    const before = receiver.effects.length
    expect(await platform.ask('desks/city/enable', {})).toEqual({})
    expect(await platform.ask('desks/city/replay', {})).toEqual({ replayed: 1 })
    await receiver.until(() => receiver.effects.length === before + 1)
    expect(await platform.ask('desks/city/replay', {})).toEqual({ replayed: 0 })
    expect((await acts()).slice(0, 3)).toMatchObject([{ by: 'test', what: 'desk.replay' }, { what: 'desk.replay' }, { what: 'desk.enable' }])
  })
})

describe('commands about desks', () => {
  it('say when there is nothing to do, and which desk was meant', async () => {
    expect(await printed(() => enableDesk('city', data()))).toBe('city takes deliveries already\n')
    expect(await printed(() => replayDesk('city', data()))).toBe('city has no dead letters\n')
    await expect(replayDesk('ciyt', data())).rejects.toMatchObject({ code: 'desk.unknown', message: 'No desk ciyt was ever sent anything; did you mean city?' })
    expect((await platform.response('desks/moon/enable', {})).status).toBe(404)
  })
})
