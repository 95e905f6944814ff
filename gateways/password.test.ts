import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { passwordsFrom } from './password.ts'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'password-'))
  file = join(dir, 'passwords')
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

it('asks for the gateway first, then the file, then for all', () => {
  writeFileSync(file, '{"id":"gw-a","password":"from-file"}\n\n{"id":"gw-b","password":"also"}\n')
  const passwordOf = passwordsFrom({ WANGLOU_PASSWORD_GW_A: 'own', WANGLOU_PASSWORDS_FILE: file, WANGLOU_PASSWORD: 'all' })
  expect(['gw-a', 'gw-b', 'gw-c'].map(passwordOf)).toEqual(['own', 'also', 'all'])
  expect(passwordsFrom({})('gw-a')).toBeUndefined()
})

it('says where the file is wrong and not what stands there', () => {
  writeFileSync(file, '{"id":"gw-a","password":"x"}\nsecret\n')
  expect(() => passwordsFrom({ WANGLOU_PASSWORDS_FILE: file })).toThrowError(`${file}:2 is not {"id": …, "password": …}.`)
  expect(() => passwordsFrom({ WANGLOU_PASSWORDS_FILE: join(dir, 'none') })).toThrowError(expect.objectContaining({ code: 'config.invalid' }))
})
