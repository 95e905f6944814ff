import { BlockList, isIP } from 'node:net'

/** Which addresses a desk may be reached at (contract.md: denied by default, checked on the address that is connected to). */
export interface Target {
  /** Undefined if `address`, to which `host` resolved, may be connected to; else the reason why not. */
  refusal(host: string, address: string): string | undefined
}

/** IANA special-purpose ranges: behind them stands this machine, the city's own network or a cloud's metadata, never the public. */
const SPECIAL = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/127',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
]
const LOOPBACK = ['127.0.0.0/8', '::1']

/**
 * Reads an allow-list of CIDR blocks, addresses and host names; throws if an entry is none of them. A block allows what
 * lies in it. A name allows itself, but only at public addresses (`localhost` at loopback): whoever runs a name's zone
 * file could otherwise point it into the city's own network.
 */
export function readAllowList(entries: readonly string[]): Target {
  const blocks = blockList(entries.filter((entry) => !isHostName(entry)))
  const names = new Set(entries.filter(isHostName).map((entry) => entry.toLowerCase()))
  const special = blockList(SPECIAL)
  const loopback = blockList(LOOPBACK)

  return {
    refusal(host, given) {
      const address = unmapped(given)
      if (contains(blocks, address)) return undefined
      const name = host.toLowerCase()
      if (!names.has(name)) return `${host === given ? given : `${host} (${address})`} is not on the allow-list`
      if (name === 'localhost' && contains(loopback, address)) return undefined
      return contains(special, address) ? `${host} is at ${address}, which is not a public address; allow it as a CIDR block` : undefined
    },
  }
}

function isHostName(entry: string): boolean {
  return !entry.includes('/') && isIP(entry) === 0 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(entry)
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address)
    const most = family === 4 ? 32 : 128
    const prefix = bits === undefined ? most : Number(bits)
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most || bits === '')
      throw new RangeError(`${entry} is neither a CIDR block, nor an address, nor a host name`)
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

function contains(list: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/** `::ffff:127.0.0.1` and `::ffff:7f00:1` connect to 127.0.0.1, so they are judged as it. */
function unmapped(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (dotted) return dotted[1] as string
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address)
  if (!hex) return address
  const [high, low] = [Number.parseInt(hex[1] as string, 16), Number.parseInt(hex[2] as string, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
