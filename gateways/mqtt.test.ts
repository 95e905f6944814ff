import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import packets from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { type Link, Uplink } from './mqtt.ts'

/** A broker that lets everybody in, acknowledges nothing and can be killed. */
async function silentBroker() {
  const sockets = new Set<Socket>()
  const { promise: published, resolve } = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    const parser = packets.parser()
    parser.on('packet', ({ cmd }) => {
      if (cmd === 'connect') socket.write(packets.generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }))
      if (cmd === 'publish') resolve()
    })
    socket.on('data', (chunk) => parser.parse(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const kill = (): void => {
    server.close()
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, published, kill }
}

async function uplinkTo(url: string) {
  const { promise: up, resolve } = Promise.withResolvers<Link>()
  const uplink = new Uplink(
    { url, gateway: 'gw-1', will: () => ({ topic: 'city/v1/from/gw-1/status', payload: '{}' }), subscribe: [], backoff: () => 10 },
    { up: resolve, down: () => {}, message: () => {} },
  )
  return { uplink, link: await up }
}

describe('stopping an uplink', () => {
  it.each([
    ['stays silent', () => {}],
    ['dies at the same moment', (kill: () => void) => kill()],
  ])('ends while a message is on its way and the broker %s', { timeout: 10_000 }, async (_what, then) => {
    const broker = await silentBroker()
    const { uplink, link } = await uplinkTo(broker.url)
    const settled = Promise.withResolvers<Error | undefined>()
    link.publish('city/v1/from/gw-1/observation/cover/c-1', '{}', false, settled.resolve)
    await broker.published
    const stopped = uplink.stop()
    then(broker.kill)
    await stopped
    expect(await settled.promise).toBeInstanceOf(Error)
    broker.kill()
  })
})
