import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { AssetId } from '../domain/ids.ts'
import { drawnOn } from '../fixtures/browser.fixture.ts'
import { alertWith } from './alerts/alert.fixture.ts'
import { eachOpensThePage, type Opened } from './page.fixture.ts'
import { type Platform, raised } from './platform.fixture.ts'

/** The tile of the web's map (EPSG:3857) that a place lies in. */
function tileAt([lon, lat]: readonly [number, number], z: number): { z: number; x: number; y: number } {
  const north = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI
  return { z, x: Math.floor(((lon + 180) / 360) * 2 ** z), y: Math.floor(((1 - north) / 2) * 2 ** z) }
}

/** The map is drawn by a software's pen, maybe beside other tests. */
const SOON = { timeout: 20_000 }

describe('the map in a browser', { timeout: 90_000 }, () => {
  let platform: Platform
  let page: Page
  let address: string
  let strange: string[]
  let enter: Opened['enter']
  eachOpensThePage((opened) => {
    ;({ platform, page, address, strange, enter } = opened)
  })

  const asset = (id: string, kind: 'cover' | 'camera' | 'vehicle', east: number, north: number): Platform['assets'][number] => ({
    ...{ id: id as AssetId, kind },
    lon: platform.site.center[0] + east,
    lat: platform.site.center[1] + north,
  })
  const shown = async (): Promise<void> => {
    await enter()
    await page.waitForSelector('[data-testid=map][data-loaded=true]')
  }
  /** The colour at the middle of the map, as a person sees it. */
  const middle = async (): Promise<number[]> => {
    const picture = sharp(await page.getByTestId('map').screenshot())
    const { width, height } = await picture.metadata()
    return [
      ...(await picture
        .extract({ left: width >> 1, top: height >> 1, width: 1, height: 1 })
        .removeAlpha()
        .raw()
        .toBuffer()),
    ]
  }

  it('shows every asset and alert at its place, moves a truck to where it reports next, and asks nobody but its own server', async () => {
    platform.assets = [asset('c-0001', 'cover', 0, 0), asset('c-0002', 'cover', 0.03, 0), asset('cam-1', 'camera', -0.03, 0.01), asset('t-1', 'vehicle', 0, 0.02)]
    platform.alerts = [alertWith({ id: 'a2', asset: 'c-0002', lon: null, lat: null, raisedAt: raised(2) }), alertWith({ id: 'a1', raisedAt: raised(1) })]
    await shown()
    await expect.poll(async () => (await drawnOn(page)).points, SOON).toEqual({ cover: ['c-0001', 'c-0002'], camera: ['cam-1'], sensor: [] })
    const { alerts, vehicles } = await drawnOn(page)
    expect(vehicles).toMatchObject([{ id: 't-1', lon: platform.assets[3]?.lon, lat: platform.assets[3]?.lat }])
    expect(alerts.map(({ ids }) => ids).sort()).toEqual([['a1'], ['a2']])
    const next = asset('t-1', 'vehicle', 0.01, 0.02)
    platform.say('asset', { ...next, at: raised(3), values: { headingDeg: 90 } })
    await expect.poll(async () => (await drawnOn(page)).vehicles[0]?.lon, SOON).toBe(next.lon)
    expect((await drawnOn(page)).vehicles[0]?.x).toBeGreaterThan(vehicles[0]?.x ?? Number.POSITIVE_INFINITY)
    expect(strange).toEqual([])
  })

  it('draws many that stand close as one with their number, and parts them when it is clicked', async () => {
    platform.assets = Array.from({ length: 30 }, (_, i) => asset(`c-${i}`, 'cover', ((i % 6) - 2.5) * 0.0004, (Math.floor(i / 6) - 2) * 0.0004))
    platform.alerts = [alertWith({ id: 'a1', lon: 117.8, raisedAt: raised(1) })]
    await shown()
    await expect.poll(async () => (await drawnOn(page)).clusters.cover, SOON).toEqual([platform.assets.length])
    expect((await drawnOn(page)).points.cover).toEqual([])
    const far = (await drawnOn(page)).zoom
    await page.getByTestId('map').click()
    await expect.poll(async () => (await drawnOn(page)).clusters.cover.length + (await drawnOn(page)).points.cover.length, SOON).toBeGreaterThan(1)
    expect((await drawnOn(page)).zoom).toBeGreaterThan(far)
  })

  it('speaks the language that is chosen, on the map too, and keeps it', async () => {
    const [lon, lat] = platform.site.center
    const ring = [
      [-0.02, -0.01],
      [0.02, -0.01],
      [0.02, 0.01],
      [-0.02, 0.01],
      [-0.02, -0.01],
    ].map(([x = 0, y = 0]) => [lon + x, lat + y])
    const properties = { class: 'water', name: { zh: '海河', en: 'Hai River' } }
    platform.basemap = { type: 'FeatureCollection', features: [{ type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties }] }
    await shown()
    const says = async (): Promise<unknown[]> => [await page.locator('.header-city').innerText(), await page.locator('html').getAttribute('lang'), (await drawnOn(page)).names]
    const [zh, en] = [
      ['望楼', 'zh-CN', ['海河']],
      ['Wanglou', 'en', ['Hai River']],
    ]
    await expect.poll(says, SOON).toEqual(zh)
    await page.getByText('English').click()
    await expect.poll(says, SOON).toEqual(en)
    await page.getByRole('link', { name: 'Coverage' }).waitFor()
    await page.reload()
    await page.waitForSelector('[data-testid=map][data-loaded=true]')
    await expect.poll(says, SOON).toEqual(en)
    await page.getByText('中文').click()
    await expect.poll(says, SOON).toEqual(zh)
  })

  it('lays the configured tiles under everything', async () => {
    const colour = { r: 200, g: 30, b: 90 }
    platform.tile = await sharp({ create: { width: 256, height: 256, channels: 3, background: colour } })
      .png()
      .toBuffer()
    platform.site = { ...platform.site, tileUrl: `${address}/tiles/{z}/{x}/{y}.png` }
    platform.alerts = [alertWith({ id: 'a1', lon: 117.8, raisedAt: raised(1) })]
    await shown()
    // It is laid thinly, so that what is drawn over it stays clear.
    const far = async (): Promise<number> => Math.max(...(await middle()).map((part, i) => Math.abs(part - (Object.values(colour)[i] ?? 0))))
    await expect.poll(far, SOON).toBeLessThan(40)
    const tiles = platform.asked.flatMap((call) => {
      const [, z, x, y] = /^GET \/tiles\/(\d+)\/(\d+)\/(\d+)\.png$/.exec(call) ?? []
      return z === undefined ? [] : [{ z: Number(z), x: Number(x), y: Number(y) }]
    })
    expect(tiles).toContainEqual(tileAt(platform.site.center, tiles[0]?.z ?? 0))
    expect(strange).toEqual([])
  })
})
