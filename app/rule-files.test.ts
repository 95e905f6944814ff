import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

const FILE = join(import.meta.dirname, '../rules/book/cover-displaced.yaml')
const DIFFERS = 'the file differs from the live version; `wanglou rules import` would make it a new version'
let platform: TestPlatform

beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.remove())

const different = (): unknown[] => platform.warnings.filter(({ message }) => message === DIFFERS).map(({ detail }) => detail)
const versions = async () =>
  (await platform.ask<{ items: { version: number; state: string }[] }>('rules/cover-displaced/versions')).items.map(({ version, state }) => [version, state])
const live = async () => (await platform.ask<{ source: string }>('rules/cover-displaced')).source

it('S1: rule files are imported at the first start; later one that differs is reported and overwrites nothing', async () => {
  const file = readFileSync(FILE, 'utf8')
  expect([await live(), await versions()]).toEqual([file, [[1, 'live']]])
  await platform.stop()
  await platform.start()
  expect(different()).toEqual([])

  const edited = file.replace('value: 15', 'value: 25')
  await platform.ask('rules/cover-displaced', { version: 1, source: edited, state: 'live', note: 'less eager' }, 'PUT')
  const after = [[2, 'live'], ...(await versions()).slice(1)]
  await platform.stop()
  await platform.start()
  expect(different()).toEqual([{ rule: 'cover-displaced', file: FILE }])
  expect([await live(), await versions()]).toEqual([edited, after])
})
