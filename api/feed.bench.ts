import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { alertIn, NOW, WEST } from './doubles.ts'
import { createFeed } from './feed.ts'

/**
 * The live feed's fan-out: how much processor time one asset change costs with so many viewers, sockets included.
 * The viewers run in this process too and read everything, so the time is an upper bound: about half of it is theirs.
 *
 *   node api/feed.bench.ts --viewers 100 --assets 405 --seconds 5
 */
const { values: options } = parseArgs({
  options: { viewers: { type: 'string', default: '100' }, assets: { type: 'string', default: '405' }, seconds: { type: 'string', default: '5' } },
})
const [viewers, assets, seconds] = [Number(options.viewers), Number(options.assets), Number(options.seconds)]

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const feed = createFeed({ store: { head: async () => 0, since: async () => [] }, log: silent, limits: { viewersPerPrincipal: viewers } })
const who = { name: 'bench', role: 'viewer', area: '' } as const
const server = createServer(async (_, response) => (await feed.open({ who, lastEventId: undefined, stillWho: async () => who }))(response)).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))

let bytes = 0
for (let n = 0; n < viewers; n++) get({ port: (server.address() as AddressInfo).port, agent: false }, (response) => response.on('data', (part: Buffer) => (bytes += part.length)))
while (feed.viewers() < viewers) await new Promise((resolve) => setTimeout(resolve, 10))

let seq = 0
const begin = performance.now()
const cpu = process.cpuUsage()
let published = 0
while (performance.now() - begin < seconds * 1000) {
  const at = NOW + published
  feed.publish(
    Array.from({ length: assets }, (_, n) => ({
      event: 'asset',
      area: WEST,
      data: { id: `truck-${n}`, kind: 'vehicle', observed: 'vehicle', lon: 121, lat: 31, at, values: { speedKmh: 1 } },
    })),
  )
  feed.publish([{ event: 'alert', seq: ++seq, area: WEST, data: alertIn(WEST, `a${seq}`) }])
  published += assets
  await new Promise((resolve) => setTimeout(resolve, 100))
}
const used = process.cpuUsage(cpu)
console.log(
  JSON.stringify({
    viewers,
    publishedPerS: Math.round(published / seconds),
    alertsPerS: seq / seconds,
    megabytesPerS: Math.round(bytes / seconds / 1e5) / 10,
    cpuShare: Math.round((used.user + used.system) / (seconds * 1e4)) / 100,
  }),
)
feed.close()
server.closeAllConnections()
server.close()
