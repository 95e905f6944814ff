import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pagePolicy } from './headers.ts'
import { startCity, type TestCity } from './testcity.ts'

let city: TestCity
let bare: TestCity
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-page-'))
  mkdirSync(join(folder, 'built', 'assets'), { recursive: true })
  mkdirSync(join(folder, 'none'))
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'built', '.env'), 'secret')
  writeFileSync(join(folder, 'built', 'index.html'), '<title>望楼</title>')
  writeFileSync(join(folder, 'built', 'favicon.svg'), '<svg/>')
  writeFileSync(join(folder, 'built', 'assets', 'main-abc123.js'), 'export {}')
  city = await startCity({ staticDir: join(folder, 'built') })
  mkdirSync(join(folder, '.data', 'built'), { recursive: true })
  writeFileSync(join(folder, '.data', 'built', 'index.html'), '<title>望楼</title>')
  bare = await startCity({ staticDir: join(folder, 'none') })
})
afterAll(async () => {
  await city.close()
  await bare.close()
  rmSync(folder, { recursive: true })
})

describe('the page', () => {
  it.each([
    ['/', 200, 'text/html', 'no-cache'],
    ['/alerts/west', 200, 'text/html', 'no-cache'],
    ['/index.html', 200, 'text/html', 'no-cache'],
    ['/favicon.svg', 200, 'image/svg+xml', 'no-cache'],
    ['/assets/main-abc123.js', 200, 'text/javascript', 'public, max-age=31536000, immutable'],
    ['/assets/gone-abc123.js', 404, 'application/problem+json', 'no-store'],
    ['/.env', 404, 'application/problem+json', 'no-store'],
    ['/api', 404, 'application/problem+json', 'no-store'],
    ['/api/v2/alerts', 404, 'application/problem+json', 'no-store'],
    ['/%2e%2e/secret.txt', 404, 'application/problem+json', 'no-store'],
    ['/..%2fsecret.txt', 404, 'application/problem+json', 'no-store'],
  ])('%s → %i %s, %s', async (path, status, type, caching) => {
    const answer = await fetch(`${city.url}${path}`)
    expect([answer.status, answer.headers.get('content-type')?.split(';')[0], answer.headers.get('cache-control')]).toEqual([status, type, caching])
    expect(await answer.text()).not.toContain('secret')
  })

  it('may lie below a folder that begins with a dot', async () => {
    const hidden = await startCity({ staticDir: join(folder, '.data', 'built') })
    for (const path of ['/', '/index.html']) expect((await fetch(`${hidden.url}${path}`)).status).toBe(200)
    await hidden.close()
  })

  it('may start workers from blobs and nothing from elsewhere', async () => {
    const policy = (await fetch(city.url)).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("worker-src 'self' blob:")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
  })

  it('is not posted to', async () => {
    expect((await fetch(`${city.url}/alerts`, { method: 'POST' })).status).toBe(404)
  })

  it('that was not built says so', async () => {
    const answer = await fetch(`${bare.url}/`)
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ detail: expect.stringContaining('npm run build') })])
  })
})

describe('pagePolicy', () => {
  it.each([
    [null, "img-src 'self' blob: data:;"],
    ['https://tile.example/{z}/{x}/{y}.png', "img-src 'self' blob: data: https://tile.example;"],
    ['https://{s}.tile.example:8443/{z}/{x}/{y}.png', "img-src 'self' blob: data: https://*.tile.example:8443;"],
    ['/tiles/{z}/{x}/{y}.png', "img-src 'self' blob: data:;"],
    ["https://a.example; script-src 'unsafe-inline'/{z}", "img-src 'self' blob: data: https://a.example;"],
  ])('%s', (tileUrl, part) => {
    const policy = pagePolicy(tileUrl)
    expect(policy).toContain(part)
    expect(policy).toContain("script-src 'self';")
    expect(policy.match(/script-src/g)).toHaveLength(1)
  })
})
