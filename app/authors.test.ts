import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RuleDiff, RuleStats } from '../domain/authoring.ts'
import { openAccess } from '../store/access/access.ts'
import { importRules } from './commands/import.ts'
import { BOOK_DIR } from './commands/rules.ts'
import { dataPaths } from './paths.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

/** The rule book as authors use it: over HTTP, through the journal and the engine. */
interface Version {
  id: string
  version: number
  state: string
  areas: string[] | null
  author: string
  at: string
  since: string
  note: string
  movedBy: string
  why: string
  source: string
  file: { params: Record<string, { value: unknown }> }
}
type Rule = Version & { newest: number; stats: RuleStats; inForce: { version: number; state: string; areas: string[] | null }[] }

const RULE = 'cover-displaced'
let platform: TestPlatform
let gateway: MqttClient
let access: ReturnType<typeof openAccess>

const rule = (id = RULE) => platform.ask<Rule>(`rules/${id}`)
const versions = async (id = RULE) => (await platform.ask<{ items: (Version & { moves: { by: string; state: string }[] })[] }>(`rules/${id}/versions`)).items
const put = (body: object, id = RULE) => platform.ask<Version>(`rules/${id}`, body, 'PUT')
const move = (n: number, state: string, body: object = {}, id = RULE) => platform.ask<Version>(`rules/${id}/versions/${n}/${state}`, body)
const book = (id: string) => readFileSync(join(BOOK_DIR, `${id}.yaml`), 'utf8')

async function as(name: string, path: string, method: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = access.keys.addToken(name, 'author', '')
  const answer = await fetch(`${platform.url()}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  access.keys.removeToken(name)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
async function tilt(device: string, tiltDeg: number): Promise<void> {
  for (const at of [ago(60_000), ago(30_000)]) await gateway.publishAsync(`city/v1/from/gw-1/observation/cover/${device}`, JSON.stringify({ at, tiltDeg }), { qos: 1 })
}
const alertsOf = async (asset: string) => (await platform.ask<{ items: { rule: string; ruleVersion: number }[] }>(`alerts?asset=${asset}&rule=${RULE}`)).items

beforeAll(async () => {
  platform = await testPlatform()
  const password = await platform.gateway('gw-1')
  await platform.start()
  access = openAccess(dataPaths(platform.data).access, { now: Date.now })
  gateway = await connectAsync(platform.mqtt(), { clientId: 'gw-1', username: 'gw-1', password, protocolVersion: 4, reconnectPeriod: 0 })
  await soon(async () => (await platform.response(`rules/${RULE}`)).ok)
})
afterAll(async () => {
  await gateway.endAsync(true)
  access.close()
  await platform.remove()
})

describe('two authors at once', () => {
  it('one saves, the other hears who was quicker and when; both texts are what their authors wrote', async () => {
    const { newest } = await rule()
    const answers = await Promise.all([20, 25].map((tiltDeg) => as(`author-${tiltDeg}`, `rules/${RULE}`, 'PUT', { version: newest, set: { tiltDeg }, note: `to ${tiltDeg}` })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const [kept, told] = [answers.find(({ status }) => status === 200), answers.find(({ status }) => status === 409)]
    expect(told?.body).toMatchObject({ code: 'version.stale', version: newest + 1, by: kept?.body.author, at: kept?.body.at, note: kept?.body.note })
    expect((await versions()).map(({ version }) => version)).toEqual([newest + 1, newest])
    const page = (query: string) => platform.ask<{ items: Version[]; next: string | null }>(`rules/${RULE}/versions?limit=1${query}`)
    const first = await page('')
    const second = await page(`&cursor=${first.next}`)
    expect([first, second].map(({ items, next }) => [items.map(({ version }) => version), next])).toEqual([
      [[newest + 1], String(newest + 1)],
      [[newest], null],
    ])
    expect((await platform.response(`rules/${RULE}/versions?cursor=x`)).status).toBe(400)
    const again = await as('author-25', `rules/${RULE}`, 'PUT', { version: newest + 1, set: { tiltDeg: 25 }, note: 'on top' })
    expect(again).toMatchObject({ status: 200, body: { version: newest + 2, state: 'draft' } })
  })
})

describe('a version', () => {
  it('with other params is the same text but for these values, and the difference says so', async () => {
    const { newest } = await rule()
    const { version, source } = await put({ version: newest, from: 1, set: { tiltDeg: 40, hold: '3s' }, note: '' })
    expect(source).toBe(book(RULE).replace('value: 15', 'value: 40').replace('value: 2s', 'value: 3s'))
    const diff = await platform.ask<RuleDiff>(`rules/${RULE}/versions/1/diff?to=${version}`)
    expect(diff).toMatchObject({ from: 1, to: version, sentence: { zh: 'tiltDeg 15 → 40 deg；hold 2s → 3s' } })
    expect(diff.text.split('\n').filter((line) => /^[-+] /.test(line))).toHaveLength(4)
    expect(await platform.ask<RuleDiff>(`rules/${RULE}/versions/1/diff`)).toMatchObject({ from: 0, to: 1 })
    expect((await platform.response(`rules/${RULE}/versions/99/diff`)).status).toBe(404)
  })

  it('that goes live judges what is and what comes; the one before is put back by one call, with what it finds', async () => {
    const { newest } = await rule()
    const { version } = await put({ version: newest, from: 1, set: { tiltDeg: 60 }, note: 'only the worst', state: 'live' })
    expect(await rule()).toMatchObject({ version, state: 'live', newest: version })
    await tilt('c-1', 50)
    await platform.ask('assets/settled', { kind: 'other' }, 'PUT')
    expect(await alertsOf('c-1')).toEqual([])
    expect(await move(1, 'live', { note: 'back' })).toMatchObject({ version: 1, state: 'live', movedBy: 'test', why: 'back' })
    expect(await alertsOf('c-1')).toMatchObject([{ ruleVersion: 1 }])
    await tilt('c-2', 50)
    await soon(async () => (await alertsOf('c-2')).length === 1)
    expect(await alertsOf('c-2')).toMatchObject([{ ruleVersion: 1 }])
    expect((await versions()).find((each) => each.version === version)).toMatchObject({ state: 'draft', moves: [{ state: 'live' }, { state: 'draft', by: 'test' }] })
    await soon(async () => (await rule()).stats.firing === 2)
    expect((await rule()).stats).toMatchObject({ perDay: [...Array(13).fill(0), 2], judged: 0, falseAlarmShare: null, shadow: null })
  })

  it('on trial in an area stands beside the one that is live elsewhere, and one in shadow beside both', async () => {
    const { newest } = await rule()
    const trial = await put({ version: newest, from: 1, set: { tiltDeg: 30 }, note: '', state: 'live', areas: ['370602'] })
    const shadow = await put({ version: trial.version, from: 1, set: { tiltDeg: 35 }, note: '', state: 'shadow' })
    expect((await rule()).inForce).toMatchObject([
      { version: shadow.version, state: 'shadow' },
      { version: trial.version, state: 'live', areas: ['370602'] },
      { version: 1, state: 'live', areas: null },
    ])
    for (const [id, area] of [
      ['cov-in', '370602001001'],
      ['cov-out', '370611001001'],
    ])
      await platform.ask(`assets/${id}`, { kind: 'cover', area }, 'PUT')
    // The live one asks for 15, the trial for 30, the one in shadow for 35.
    for (const cover of ['cov-in', 'cov-out']) await tilt(cover, 20)
    await soon(async () => (await alertsOf('cov-out')).length === 1)
    await platform.ask('assets/settled', { kind: 'other' }, 'PUT')
    expect([await alertsOf('cov-in'), await alertsOf('cov-out')]).toMatchObject([[], [{ ruleVersion: 1 }]])
    await tilt('cov-in', 32)
    await tilt('cov-out', 40)
    // Besides it, what it found when it went into shadow: the two that stand at 50.
    await soon(async () => (await rule()).stats.shadow?.raised === 3)
    expect((await rule()).stats.shadow).toEqual({ version: shadow.version, raised: 3, same: 3 })
    expect(await alertsOf('cov-in')).toMatchObject([{ ruleVersion: trial.version }])
    await move(shadow.version, 'draft')
    await move(1, 'live')
    expect((await rule()).inForce).toMatchObject([{ version: 1 }])
  })

  it('that floods is put back by its guard, which says why; the audit log has it', async () => {
    const { newest } = await rule()
    const { version } = await put({ version: newest, from: 1, set: { tiltDeg: 2 }, note: 'every lean', state: 'live', guard: { alertsPerHour: 3 } })
    for (const n of [1, 2, 3, 4]) await tilt(`lean-${n}`, 10)
    await soon(async () => (await rule()).version === 1)
    expect(await rule()).toMatchObject({ version: 1, state: 'live', movedBy: 'guard', why: expect.stringMatching(/alerts within an hour, limit 3$/) })
    expect((await versions()).find((each) => each.version === version)).toMatchObject({ state: 'draft', movedBy: 'guard' })
    const { items } = await platform.ask<{ items: { by: string; what: string; target: string; detail: string }[] }>('audit')
    expect(items.find(({ by }) => by === 'guard')).toMatchObject({ what: 'rule.put-back', target: RULE, detail: expect.stringContaining(`"version":${version},"now":1`) })
  })

  it.each([
    ['neither text nor params', { note: '' }, 400, 'body.source'],
    ['both', { source: 'a', set: {}, note: '' }, 400, 'body.source'],
    ['areas for a draft', { set: { tiltDeg: 3 }, areas: ['370602'] }, 400, 'body.areas'],
    ['a value out of range', { set: { tiltDeg: 91 } }, 400, 'set.tiltDeg'],
    ['a text that is wrong', { source: book(RULE).replace('severity: critical', 'severity: loud') }, 400, expect.stringMatching(/^\d+:\d+$/)],
  ])('with %s is refused, by its place', async (_, body, status, where) => {
    const { newest } = await rule()
    const answer = await platform.response(`rules/${RULE}`, { version: newest, ...body }, 'PUT')
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ errors: [expect.objectContaining({ where })] })])
    expect((await rule()).newest).toBe(newest)
  })
})

describe('a rule that is taken out of force', () => {
  it('raises nothing until it is put back', async () => {
    await tilt('c-3', 50)
    await soon(async () => (await alertsOf('c-3')).length === 1)
    expect(await move(1, 'draft', { note: 'the sensors are being changed' })).toMatchObject({ state: 'draft', why: 'the sensors are being changed' })
    expect((await rule()).inForce).toEqual([])
    await tilt('c-4', 50)
    await platform.ask('assets/settled', { kind: 'other' }, 'PUT')
    expect(await alertsOf('c-4')).toEqual([])
    await move(1, 'live')
    await tilt('c-5', 50)
    await soon(async () => (await alertsOf('c-5')).length === 1)
  })
})

describe('a new rule', () => {
  it('is written after version 0, and is a draft that raises nothing until it goes live', async () => {
    const source = book(RULE).replace('rule: cover-displaced', 'rule: our-covers')
    expect(await put({ version: 0, source, note: 'first' }, 'our-covers')).toMatchObject({ version: 1, state: 'draft', author: 'test', note: 'first' })
    expect((await platform.response('rules/our-covers', { version: 0, source, note: '' }, 'PUT')).status).toBe(409)
    expect((await platform.response('rules/our-covers', { version: 1, source: book(RULE), note: '' }, 'PUT')).status).toBe(400)
    expect(await rule('our-covers')).toMatchObject({ state: 'draft', inForce: [] })
    expect(await move(1, 'live', {}, 'our-covers')).toMatchObject({ state: 'live' })
  })
})

describe('cameras and calendars', () => {
  it("a camera's algorithms must name what is there; every fault comes back at once", async () => {
    const config = (algorithm: object) => ({
      version: 0,
      zones: [
        {
          id: 'kerb',
          type: 'no-parking',
          polygon: [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
        },
      ],
      algorithms: [algorithm],
    })
    const wrong = await platform.response('cameras/cam-1', config({ rule: RULE, zones: ['lawn'], schedule: 'day', params: { score: 2 } }), 'PUT')
    expect([wrong.status, ((await wrong.json()) as { errors: { where: string }[] }).errors.map(({ where }) => where)]).toEqual([
      400,
      ['rule', 'zones.0', 'schedule', 'params.score'].map((where) => `body.algorithms.0.${where}`),
    ])
    await platform.ask('calendars/day', { version: 0, hours: [{ days: ['work'], from: '07:00', to: '19:00' }] }, 'PUT')
    const algorithm = { rule: 'vehicle-no-parking', zones: ['kerb'], schedule: 'day', params: { score: 0.5 } }
    expect(await platform.ask('cameras/cam-1', config(algorithm), 'PUT')).toMatchObject({ version: 1, algorithms: [algorithm] })
    expect(await platform.ask('calendars')).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id: 'day', version: 1, by: 'test', zone: 'Asia/Shanghai' })]),
    })
  })
})

describe('rule files', () => {
  const child = 'rule: child-rule\ntitle: { zh: a, en: a }\non: cover\nwhen: tiltDeg > 5\nseverity: minor\nextends: parent-rule\n'

  it('are imported parents first, whatever their names, and say what they change', async () => {
    const [a, b] = ['child-rule', 'parent-rule'].map((id) => join(platform.data, `${id}.yaml`)) as [string, string]
    writeFileSync(a, child)
    writeFileSync(b, child.replace('child-rule', 'parent-rule').replace('extends: parent-rule\n', ''))
    const lines: string[] = []
    const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
    try {
      await importRules([a, b], { data: platform.data })
      await soon(async () => (await platform.response('rules/child-rule')).ok)
      writeFileSync(b, readFileSync(b, 'utf8').replace('> 5', '> 6'))
      await importRules([a, b], { data: platform.data })
    } finally {
      out.mockRestore()
    }
    expect(lines.filter((line) => line.includes(': '))).toEqual([
      'child-rule: not live yet\n',
      'parent-rule: not live yet\n',
      'parent-rule: differs from version 1 by command-line, when tiltDeg > 5 → tiltDeg > 6\n',
    ])
    // The child was imported again on top of its new parent.
    await soon(async () => (await rule('child-rule')).version === 2)
    expect(await rule('child-rule')).toMatchObject({ state: 'live', base: readFileSync(b, 'utf8'), baseOutdated: false })
  })
})

describe('over a restart', () => {
  it('the rule book is what the authors made of it', { timeout: 30_000 }, async () => {
    const before = await platform.ask<{ items: Rule[] }>('rules')
    await platform.stop()
    await platform.start()
    expect((await platform.ask<{ items: Rule[] }>('rules')).items.map(({ stats: _, ...each }) => each)).toEqual(before.items.map(({ stats: _, ...each }) => each))
  })
})
