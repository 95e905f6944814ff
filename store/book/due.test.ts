import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MINUTE } from '../../domain/time.ts'
import { type DueLoop, whenDue } from './due.ts'
import { oneAtATime } from './turns.ts'

describe('work that is done when it is due', () => {
  let loop: DueLoop
  let calls: number[]
  let next: number | undefined
  let failures: unknown[]
  const now = () => Date.now()

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
    ;[calls, failures, next] = [[], [], undefined]
  })
  afterEach(async () => {
    await loop.close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  const work = async (at: number): Promise<number | undefined> => {
    calls.push(at)
    return next
  }
  const failed = (error: unknown) => failures.push(error)

  it('runs at once, when the next thing is due, and when it is kicked', async () => {
    next = 300
    loop = whenDue(work, now, failed)
    await vi.advanceTimersByTimeAsync(299)
    expect(calls).toEqual([0])
    next = undefined
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toEqual([0, 300])
    await vi.advanceTimersByTimeAsync(10 * MINUTE)
    expect(calls).toEqual([0, 300])
    loop.kick()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls).toHaveLength(3)
  })

  it('looks again within a minute, for clocks that jump', async () => {
    next = 1e12
    loop = whenDue(work, now, failed)
    await vi.advanceTimersByTimeAsync(3 * MINUTE)
    expect(calls).toEqual([0, MINUTE, 2 * MINUTE, 3 * MINUTE])
  })

  it('never runs twice at the same time, and a kick meanwhile is not lost', async () => {
    let running = 0
    let most = 0
    let release = (): void => undefined
    loop = whenDue(
      async (at) => {
        calls.push(at)
        most = Math.max(most, ++running)
        await new Promise<void>((resolve) => {
          release = resolve
        })
        running--
        return undefined
      },
      now,
      failed,
    )
    loop.kick()
    loop.kick()
    expect(calls).toHaveLength(1)
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls).toHaveLength(2)
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect([calls.length, most]).toEqual([2, 1])
  })

  it('tells of a failure and tries again', async () => {
    const errors = [new Error('the disk is full')]
    loop = whenDue(
      async (at) => {
        const error = errors.pop()
        if (error) throw error
        return work(at)
      },
      now,
      failed,
    )
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(failures.map(String)).toEqual(['Error: the disk is full'])
    expect(calls).toHaveLength(1)
  })

  it('starts nothing after it was closed', async () => {
    next = 10
    loop = whenDue(work, now, failed)
    await loop.close()
    loop.kick()
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(calls).toEqual([0])
  })
})

describe('one at a time', () => {
  it('keeps the order of asking per key, lets keys pass each other, and goes on after a failure', async () => {
    const turns = oneAtATime()
    const log: string[] = []
    const gate = Promise.withResolvers<void>()
    const work = (name: string, wait?: Promise<void>) => async () => {
      log.push(`${name} begins`)
      await wait
      log.push(`${name} ends`)
    }
    const first = turns('a', work('a1', gate.promise))
    const failing = turns('a', () => Promise.reject(new Error('no')))
    const third = turns('a', work('a3'))
    await turns('b', work('b1'))
    expect(log).toEqual(['a1 begins', 'b1 begins', 'b1 ends'])
    gate.resolve()
    await expect(failing).rejects.toThrow('no')
    await Promise.all([first, third])
    expect(log.slice(3)).toEqual(['a1 ends', 'a3 begins', 'a3 ends'])
  })

  it('begins nothing before it is ready', async () => {
    const ready = Promise.withResolvers<void>()
    const turns = oneAtATime(() => ready.promise)
    const begun: string[] = []
    const all = ['a', 'b'].map((key) => turns(key, async () => begun.push(key)))
    await Promise.resolve()
    expect(begun).toEqual([])
    ready.resolve()
    await Promise.all(all)
    expect(begun).toEqual(['a', 'b'])
  })
})
