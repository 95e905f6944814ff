import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { Rotation, type Stop } from './rotation.ts'
import { VirtualClock } from './virtual-clock.fixture.ts'

interface Camera extends Stop {
  looks: number[]
  dead: boolean
}

class Street {
  readonly clock = new VirtualClock()
  readonly rotation: Rotation
  underWay = 0
  most = 0

  constructor(concurrency: number) {
    this.rotation = new Rotation({ concurrency, now: this.clock.now, later: this.clock.later })
  }

  /** A camera that answers after `takesMs`, or not at all within ten seconds. */
  camera(every: number, takesMs: number, dead = false): Camera {
    const camera: Camera = {
      every,
      looks: [],
      dead,
      fetch: async () => {
        this.most = Math.max(this.most, ++this.underWay)
        await this.clock.sleep(camera.dead ? 10 * SECOND : takesMs)
        this.underWay--
        return camera.dead ? undefined : async () => void camera.looks.push(this.clock.now())
      },
    }
    this.rotation.add(camera)
    return camera
  }
}

/** Longest time without a look, from the first look on. */
const gapOf = ({ looks }: Camera, until: number): number => Math.max(...[...looks, until].slice(1).map((at, index) => at - (looks[index] ?? 0)))

describe('Rotation', () => {
  it('looks at 13,707 feeds at least every ten minutes, a tenth of them dead, few at once and with one timer', async () => {
    const street = new Street(16)
    const cameras = Array.from({ length: 13_707 }, (_, index) => street.camera(10 * MINUTE, 300, index % 10 === 0))
    await street.clock.advance(21 * MINUTE)
    expect(street.most).toBeLessThanOrEqual(16 * 9)
    // For those that wait there is one timer; the others are of visits under way.
    expect(street.clock.pending).toBeLessThanOrEqual(2 * street.underWay + 1)
    for (const camera of cameras) if (!camera.dead) expect(gapOf(camera, 21 * MINUTE)).toBeLessThanOrEqual(10 * MINUTE)
  }, 120_000)

  it('comes back to a camera that gave nothing sooner than its interval says, and ever more rarely', async () => {
    const street = new Street(4)
    const camera = street.camera(10 * MINUTE, 100, true)
    await street.clock.advance(3 * MINUTE)
    camera.dead = false
    await street.clock.advance(2 * MINUTE)
    expect(camera.looks.length).toBe(1)
    await street.clock.advance(10 * MINUTE)
    expect(camera.looks.length).toBe(2)
  })

  it('visits a camera no more once it is gone, and waits for the visit that is under way', async () => {
    const street = new Street(4)
    const camera = street.camera(MINUTE, 5000)
    await street.clock.advance(1000)
    let gone = false
    const removing = street.rotation.remove(camera).then(() => {
      gone = true
    })
    await street.clock.advance(1000)
    expect(gone).toBe(false)
    await street.clock.advance(5000)
    await removing
    await street.clock.advance(10 * MINUTE)
    expect(camera.looks.length).toBe(1)
    expect(street.rotation.size).toBe(0)
  })

  it('serves cameras of different intervals, each within its own', async () => {
    const street = new Street(8)
    const cameras = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE].flatMap((every) => Array.from({ length: 50 }, () => street.camera(every, 200)))
    await street.clock.advance(30 * MINUTE)
    for (const camera of cameras) {
      expect(gapOf(camera, 30 * MINUTE)).toBeLessThanOrEqual(camera.every)
      expect(camera.looks.length).toBeLessThanOrEqual((30 * MINUTE) / (0.9 * camera.every) + 1)
    }
  })
})
