import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Slots } from './slots.ts'
import { Throttle } from './throttle.ts'
import { networkOf } from './tries.ts'

describe('Throttle', () => {
  it('never lets more through in any stretch than the burst and what comes back in it', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (gaps) => {
        const throttle = new Throttle({ burst: 3, everyMs: 1000, maxKeys: 10 })
        const taken: number[] = []
        let now = 0
        for (const gap of gaps) {
          now += gap
          if (throttle.take('k', now) === 0) taken.push(now)
        }
        for (const [i, from] of taken.entries()) for (const [j, to] of taken.entries()) if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(3 + Math.floor((to - from) / 1000))
      }),
    )
  })

  it('names the wait after which the next attempt goes through, and no less', () => {
    const throttle = new Throttle({ burst: 2, everyMs: 1000, maxKeys: 10 })
    expect([throttle.take('k', 0), throttle.take('k', 0)]).toEqual([0, 0])
    const wait = throttle.take('k', 300)
    expect(throttle.take('k', 300 + wait - 1)).toBe(1)
    expect(throttle.take('k', 300 + wait)).toBe(0)
  })

  it('remembers a bounded number of keys', () => {
    const throttle = new Throttle({ burst: 1, everyMs: 1000, maxKeys: 100 })
    for (let n = 0; n < 10_000; n++) throttle.take(`k${n}`, 0)
    expect(throttle.keys).toBe(100)
    expect(throttle.take('k9999', 0)).toBeGreaterThan(0)
  })
})

describe('Slots', () => {
  it('runs so many at a time, lets so many wait, and refuses the rest', async () => {
    const slots = new Slots(2, 3)
    const gates: (() => void)[] = []
    let most = 0
    let running = 0
    const job = async (): Promise<void> => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => gates.push(resolve))
      running--
    }
    const jobs = Array.from({ length: 6 }, () =>
      slots.run(job).then(
        () => 'ran',
        (error: { code: string }) => error.code,
      ),
    )
    const all = Promise.all(jobs)
    for (let opened = 0; opened < 5; opened++) {
      while (!gates[opened]) await Promise.resolve()
      gates[opened]?.()
    }
    expect(await all).toEqual(['ran', 'ran', 'ran', 'ran', 'ran', 'auth.throttled'])
    expect(most).toBe(2)
  })

  it('frees its slot when a job fails', async () => {
    const slots = new Slots(1, 0)
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await slots.run(async () => 1)).toBe(1)
  })
})

describe('networkOf', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, network) => expect(networkOf(address)).toBe(network))
})
