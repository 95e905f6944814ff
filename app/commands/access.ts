import { text } from 'node:stream/consumers'
import type { Role } from '../../domain/role.ts'
import { openAccess } from '../../store/access/access.ts'
import type { Keys } from '../../store/access/keys.ts'
import { dataPaths } from '../paths.ts'

/** Commands on access.db; a running platform reads the same file and sees them at once. */
async function withKeys<T>(data: string, work: (keys: Keys) => T | Promise<T>): Promise<T> {
  const access = openAccess(dataPaths(data).access, { now: Date.now })
  try {
    return await work(access.keys)
  } finally {
    access.close()
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

export async function addGateway(id: string, { data, json }: { data: string; json?: boolean }): Promise<number> {
  const password = await withKeys(data, (keys) => keys.addGateway(id))
  print(json ? JSON.stringify({ id, password }) : `gateway ${id} made; its password, shown this once: ${password}`)
  return 0
}

export async function removeGateway(id: string, { data }: { data: string }): Promise<number> {
  await withKeys(data, (keys) => keys.removeGateway(id))
  return 0
}

export async function listGateways({ data }: { data: string }): Promise<number> {
  for (const { id } of await withKeys(data, (keys) => keys.gateways())) print(id)
  return 0
}

export async function addUser(name: string, { data, role, area }: { data: string; role: Role; area: string }): Promise<number> {
  if (process.stdin.isTTY) process.stderr.write('password: ')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  await withKeys(data, (keys) => keys.addUser(name, role, area, password))
  print(`user ${name} made`)
  return 0
}

export async function removeUser(name: string, { data }: { data: string }): Promise<number> {
  await withKeys(data, (keys) => keys.removeUser(name))
  return 0
}

export async function addToken(name: string, { data, role, area, json }: { data: string; role: Role; area: string; json?: boolean }): Promise<number> {
  const token = await withKeys(data, (keys) => keys.addToken(name, role, area))
  print(json ? JSON.stringify({ name, token }) : `token ${name} made; shown this once: ${token}`)
  return 0
}

export async function removeToken(name: string, { data }: { data: string }): Promise<number> {
  await withKeys(data, (keys) => keys.removeToken(name))
  return 0
}
