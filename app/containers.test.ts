import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig, settingPaths } from './config.ts'

interface Service {
  environment?: Record<string, string>
  ports?: string[]
}

const read = (name: string): string => readFileSync(join(import.meta.dirname, '..', name), 'utf8')
const image = Object.fromEntries([...read('Dockerfile').matchAll(/\b(WANGLOU_[A-Z_]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]))
const services = Object.entries((parse(read('docker-compose.yml')) as { services: Record<string, Service> }).services)
const platform = services.find(([name]) => name === 'wanglou')?.[1].environment ?? {}

describe('containers', () => {
  it('set only settings that there are', () => {
    const known = settingPaths().map((path) => `WANGLOU_${path.join('_').toUpperCase()}`)
    const given = [...Object.keys(image), ...Object.keys(platform).filter((name) => name.startsWith('WANGLOU_'))]
    expect(given.filter((name) => !known.includes(name))).toEqual([])
  })

  it('start with a configuration that is valid', () => {
    const config = loadConfig({ env: { ...image, ...platform } })
    expect(config).toMatchObject({ data: '/data', http: { host: '0.0.0.0' }, mqtt: { host: '0.0.0.0' }, influx: { url: 'http://influxdb:8086', tokenEnv: 'INFLUX_TOKEN' } })
  })

  it.each(services)('%s: ports are bound to loopback, and secrets stand elsewhere', (_, { ports = [], environment = {} }) => {
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
    const secrets = Object.entries(environment).filter(([name]) => /TOKEN|PASSWORD|SECRET/.test(name))
    expect(secrets.filter(([, value]) => !/^\$\{[A-Z_]+:\?/.test(value))).toEqual([])
  })
})
