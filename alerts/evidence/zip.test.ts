import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NINE } from '../../fixtures/records.ts'
import { unzip, zip } from './zip.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const FILES = [
  { name: 'manifest.json', bytes: text(JSON.stringify({ zh: '望楼', long: 'x'.repeat(10_000) })), at: NINE },
  { name: 'still-first.jpg', bytes: new Uint8Array(50_000).map((_, i) => (i * 7919) % 251), at: NINE + 2000 },
  { name: '证据.txt', bytes: text('证据'), at: NINE },
  { name: 'empty.json', bytes: new Uint8Array(), at: NINE },
]
const has = (program: string, ...args: string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

let folder: string
let path: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-zip-'))
  path = join(folder, 'a.zip')
  writeFileSync(path, zip(FILES))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a ZIP', () => {
  it('comes back as it was, texts smaller', () => {
    const archive = readFileSync(path)
    expect([...unzip(archive)].map(([name, bytes]) => ({ name, bytes: new Uint8Array(bytes) }))).toEqual(FILES.map(({ name, bytes }) => ({ name, bytes })))
    expect(archive.length).toBeLessThan(52_000)
  })

  it.skipIf(!has('unzip', '-v'))('is read by Info-ZIP, times and all (needs unzip)', () => {
    execFileSync('unzip', ['-t', path])
    const out = join(folder, 'out')
    execFileSync('unzip', ['-q', path, 'manifest.json', 'still-first.jpg', '-d', out])
    for (const { name, bytes } of FILES.slice(0, 2)) expect(new Uint8Array(readFileSync(join(out, name)))).toEqual(bytes)
    expect(execFileSync('unzip', ['-Z', '-T', path], { encoding: 'utf8' })).toContain('20261121.090002 still-first.jpg')
  })

  it.skipIf(!has('python3', '-c', 'import zipfile'))("is read by Python's zipfile (needs python3)", () => {
    const script = 'import sys, zipfile, json; z = zipfile.ZipFile(sys.argv[1]); print(json.dumps([z.testzip(), z.namelist(), [len(z.read(n)) for n in z.namelist()]]))'
    expect(JSON.parse(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }))).toEqual([null, FILES.map(({ name }) => name), FILES.map(({ bytes }) => bytes.length)])
  })

  it.each([
    ['no ZIP', () => text('PK, but not that one')],
    ['one that is cut off', () => readFileSync(path).subarray(0, 20_000)],
    ['one whose list is damaged', () => damaged()],
  ])('%s is refused', (_, bytes) => {
    expect(() => unzip(bytes())).toThrow(RangeError)
  })
})

function damaged(): Uint8Array {
  const bytes = Buffer.from(readFileSync(path))
  bytes[bytes.readUInt32LE(bytes.length - 22 + 16)] = 0
  return bytes
}
