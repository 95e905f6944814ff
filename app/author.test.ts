import { connectAsync } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAccess } from '../store/access/access.ts'
import { openPageBrowser } from './browser.fixture.ts'
import { dataPaths } from './paths.ts'
import { soon, startTestPlatform, type TestPlatform } from './testplatform.ts'

/** An author's way through the built page, in a real browser, on the real platform. */

let platform: TestPlatform
let browser: Browser
let page: Page
const broken: string[] = []

interface Version {
  version: number
  state: string
  author: string
  source: string
}

beforeAll(async () => {
  browser = await openPageBrowser()
  platform = await startTestPlatform()
  const access = openAccess(dataPaths(platform.data).access, { now: Date.now })
  for (const [name, role] of [
    ['lin', 'author'],
    ['guan', 'viewer'],
  ] as const)
    await access.keys.addUser(name, role, '', 'a long password')
  access.close()
  await platform.ask('assets/c-0001', { kind: 'cover', name: '海滨路井盖', lon: 117.7, lat: 39 }, 'PUT')
  await platform.ask('assets/c-0002', { kind: 'cover', name: '滨江路井盖', lon: 117.7, lat: 39 }, 'PUT')
  await shakenThenConfirmed('c-0002')
  await platform.ask('cameras/cam-1', { version: 0, zones: [{ id: 'kerb', type: 'no-parking', polygon: KERB }], algorithms: [{ rule: 'vehicle-no-parking' }] }, 'PUT')
  await platform.ask('assets/cam-1', { kind: 'camera', name: '海滨路摄像机' }, 'PUT')
  page = await entered('lin')
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await platform?.remove()
}, 60_000)

const KERB = [
  [0, 0.5],
  [1, 0.5],
  [1, 1],
  [0, 1],
]

async function entered(name: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } })
  const entering = await context.newPage()
  entering.on('pageerror', (error) => broken.push(error.message))
  await entering.goto(`${platform.url()}/rules`)
  await entering.getByTestId('login-name').fill(name)
  await entering.getByTestId('login-password').fill('a long password')
  await entering.getByTestId('login-submit').click()
  await entering.getByTestId('rule-cover-displaced').waitFor()
  return entering
}

const versions = async (): Promise<Version[]> => (await platform.ask<{ items: Version[] }>('rules/cover-displaced/versions')).items

async function publish(kind: string, device: string, observations: readonly object[]): Promise<void> {
  const gateway = `gw-${device}`
  const password = await platform.gateway(gateway)
  const client = await connectAsync(platform.mqtt(), { clientId: gateway, username: gateway, password })
  for (const observation of observations) await client.publishAsync(`city/v1/from/${gateway}/observation/${kind}/${device}`, JSON.stringify(observation), { qos: 1 })
  await client.endAsync()
}

/** A cover that was tilted by 18° for a minute, ten minutes ago, and an operator who confirmed it. */
async function shakenThenConfirmed(cover: string): Promise<void> {
  const start = Date.now() - 600_000
  await publish(
    'cover',
    cover,
    Array.from({ length: 40 }, (_, index) => ({ at: start + index * 5000, tiltDeg: index < 12 ? 18 : 2 })),
  )
  await soon(async () => (await platform.alerts(`asset=${cover}`)).length > 0)
  const [alert] = await platform.alerts(`asset=${cover}`)
  await platform.ask(`alerts/${alert?.id}/verdict`, { verdict: 'confirmed', reason: 'seen on site' })
}

/** Opens the dialog of a button, gives the reason, and waits until it is done. */
async function give(button: string, note: string): Promise<void> {
  await page.getByTestId(button).click()
  await page.getByTestId('publish-note').fill(note)
  await page.locator('#btn-publish').click()
  await page.getByTestId('publish-note').waitFor({ state: 'detached' })
}

describe('an author’s way', () => {
  it('moves a param, is told what is wrong as he types, saves with a reason and sees the diff', { timeout: 60_000 }, async () => {
    await page.getByTestId('rule-cover-displaced').click()
    await page.getByTestId('part-when').fill('tildDeg > params.tiltDeg || displaced')
    await page.getByRole('alert').getByText('did you mean tiltDeg?').first().waitFor()
    expect(await page.getByTestId('btn-save').isDisabled()).toBe(true)
    await page.getByTestId('part-when').fill('tiltDeg > params.tiltDeg || displaced')
    await page.locator('#param-tiltDeg').fill('20')
    await page.getByTestId('changes').getByText('20°').waitFor()

    const before = (await versions())[0]?.source ?? ''
    await give('btn-save', 'wheels shake old seats')
    const [newest] = await versions()
    expect(newest).toMatchObject({ version: 2, state: 'draft', author: 'lin' })
    expect(newest?.source).toBe(before.replace('value: 15', 'value: 20'))
    await page.getByTestId('tab-versions').click()
    await page.getByTestId('version-2').click()
    await page.getByTestId('diff').getByText('value: 20').waitFor()
  })

  it('is told when somebody else saved meanwhile, loses nothing, and takes both edits', { timeout: 60_000 }, async () => {
    await page.locator('#param-tiltDeg').fill('25')
    await platform.ask('rules/cover-displaced', { version: 2, set: { hold: '3s' }, note: 'slower' }, 'PUT')
    // The feed says so, and what would overwrite it cannot be sent.
    await page.getByTestId('conflict').waitFor()
    expect(await page.getByTestId('btn-save').isDisabled()).toBe(true)
    expect(await page.locator('#param-tiltDeg').inputValue()).toBe('25')
    expect(await versions()).toHaveLength(3)
    await page.getByTestId('btn-merge').click()
    await give('btn-save', 'even fewer')
    const [newest] = await versions()
    expect(newest).toMatchObject({ version: 4, author: 'lin' })
    expect(newest?.source).toContain('value: 25')
    expect(newest?.source).toContain('value: 3s')
  })

  it('runs the draft over what was stored and sees which confirmed alert it would lose', { timeout: 60_000 }, async () => {
    await page.getByTestId('tab-backtest').click()
    await page.getByTestId('btn-backtest').click()
    await page.locator('[data-testid=backtest-sentence][data-tone=loses]').waitFor()
    const [alert] = await platform.alerts('asset=c-0002')
    await page.locator(`[data-testid=backtest-report] a[href="/alerts/${alert?.id}"]`).waitFor()
    expect(await page.locator('.report-lost').count()).toBe(1)
    await page.getByTestId('tab-versions').click()
  })

  it('puts it live, and an old version back', { timeout: 60_000 }, async () => {
    await give('btn-live', 'as agreed')
    expect((await versions()).filter(({ state }) => state === 'live').map(({ version }) => version)).toEqual([4])
    await page.getByTestId('version-1').click()
    await page.getByTestId('btn-put-back').click()
    await page.getByRole('dialog').locator('.ant-btn-primary').click()
    await soon(async () => (await versions()).some(({ version, state }) => version === 1 && state === 'live'))
    expect((await versions()).filter(({ state }) => state === 'live')).toHaveLength(1)
  })

  it('reads on an alert why it was raised', { timeout: 60_000 }, async () => {
    const start = Date.now() - 60_000
    const tilted = Array.from({ length: 12 }, (_, index) => ({ at: start + index * 5000, tiltDeg: 32 }))
    await publish('cover', 'c-0001', tilted)
    await soon(async () => (await platform.alerts('asset=c-0001')).length > 0)
    const [alert] = await platform.alerts('asset=c-0001')
    await page.goto(`${platform.url()}/alerts/${alert?.id}`)
    const why = page.getByTestId('why-cover-displaced')
    await why.waitFor()
    expect(await why.locator('.clause-true code').allTextContents()).toContain('tiltDeg > params.tiltDeg')
    await why.getByText('32°').first().waitFor()
  })

  it('draws a zone with the keyboard, takes it back, lowers a score, and sees what would count', { timeout: 60_000 }, async () => {
    const weak = { label: 'car', score: 0.3, box: [0.4, 0.6, 0.2, 0.2], track: 't1' }
    await publish('scene', 'cam-1', [{ at: Date.now() - 30_000, camera: 'cam-1', model: 'test@1', objects: [weak, { ...weak, score: 0.8, track: 't2' }] }])
    await platform.settled()
    await page.goto(`${platform.url()}/cameras/cam-1`)
    const tally = page.getByTestId('tally')
    await page.locator('[data-testid=tally][data-counts="1"]').waitFor()
    await page.getByTestId('btn-add-zone').click()
    const corner = page.locator('.zone-chosen .zone-corner').first()
    await corner.focus()
    const left = await corner.getAttribute('cx')
    await page.keyboard.press('ArrowLeft')
    await soon(async () => Number(await corner.getAttribute('cx')) < Number(left))
    await page.keyboard.press('Control+z')
    await soon(async () => (await corner.getAttribute('cx')) === left)

    await page.locator('#param-score').fill('0.25')
    await page.locator('[data-testid=tally][data-counts="2"]').waitFor()
    expect(await tally.count()).toBe(1)
    await page.getByTestId('btn-save-camera').click()
    await soon(async () => (await page.getByTestId('camera-bench').getAttribute('data-dirty')) === 'false')
    expect(await platform.ask('cameras/cam-1')).toMatchObject({
      version: 2,
      zones: [{ id: 'kerb' }, { id: 'no-parking-1', type: 'no-parking' }],
      algorithms: [{ rule: 'vehicle-no-parking', params: { score: 0.25 } }],
    })
  })

  it('calibrates a camera by pointing at its picture and at the map', { timeout: 60_000 }, async () => {
    await page.goto(`${platform.url()}/cameras/cam-1`)
    await page.getByTestId('btn-calibrate').click()
    const [picture, map] = [page.getByTestId('pin-canvas'), page.getByTestId('pin-map')]
    await map.locator('canvas').first().waitFor()
    const at = async (what: typeof picture, x: number, y: number): Promise<void> => {
      const box = await what.boundingBox()
      await what.click({ position: { x: x * (box?.width ?? 0), y: y * (box?.height ?? 0) } })
    }
    // A trapezium on the picture is a square on the ground.
    for (const [n, [picX, picY, mapX, mapY]] of [
      [0.2, 0.9, 0.3, 0.7],
      [0.8, 0.9, 0.7, 0.7],
      [0.65, 0.4, 0.7, 0.3],
      [0.35, 0.4, 0.3, 0.3],
    ].entries()) {
      await at(picture, picX as number, picY as number)
      await at(map, mapX as number, mapY as number)
      await page.locator('.pin-list li').nth(n).waitFor()
    }
    await page.getByTestId('calibration-fits').waitFor()
    expect(await page.getByTestId('residual-4').textContent()).toMatch(/0\.0/)
    await page.getByTestId('btn-save-camera').click()
    await soon(async () => (await page.getByTestId('camera-bench').getAttribute('data-dirty')) === 'false')
    const { calibration } = await platform.ask<{ calibration: { points: { picture: number[] }[] } }>('cameras/cam-1')
    expect(calibration.points.map(({ picture: [x] }) => Math.round((x ?? 0) * 20) / 20)).toEqual([0.2, 0.8, 0.65, 0.35])
  })

  it('may look but not touch without the role', { timeout: 60_000 }, async () => {
    const viewer = await entered('guan')
    await viewer.getByTestId('rule-cover-displaced').click()
    await viewer.getByTestId('rule-bench').waitFor()
    expect(await viewer.locator('#param-tiltDeg').isDisabled()).toBe(true)
    expect(await viewer.getByTestId('btn-save').count()).toBe(0)
    expect(broken).toEqual([])
  })
})
