import { describe, expect, it } from 'vitest'
import { type FeedMessage, type FeedState, openFeed, waitBefore } from './feed.ts'

/** Another people's server: an event source that a test opens, speaks through and breaks. */
class StubSource extends EventTarget {
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  readonly url: string
  constructor(url: string) {
    super()
    this.url = url
  }
  close(): void {
    this.closed = true
  }
  say(event: string, data: unknown, lastEventId = ''): void {
    this.dispatchEvent(Object.assign(new Event(event), { data: JSON.stringify(data), lastEventId }))
  }
}

function openStub() {
  const sources: StubSource[] = []
  const messages: FeedMessage[] = []
  const states: FeedState[] = []
  const missed: boolean[] = []
  const waits: { ms: number; run: () => void; off: boolean }[] = []
  const feed = openFeed(
    { message: (message) => messages.push(message), state: (state) => states.push(state), opened: (lost) => missed.push(lost) },
    {
      open: (url) => {
        const source = new StubSource(url)
        sources.push(source)
        return source as unknown as EventSource
      },
      now: () => 1000,
      random: () => 1,
      later: (ms, run) => {
        const wait = { ms, run, off: false }
        waits.push(wait)
        return () => {
          wait.off = true
        }
      },
    },
  )
  const newest = (): StubSource => sources[sources.length - 1] ?? expect.unreachable('no source')
  return { feed, sources, messages, states, missed, waits, newest }
}

describe('the live feed', () => {
  it('hands on what it hears', () => {
    const { newest, messages } = openStub()
    newest().say('alert', { id: 'a' }, '7')
    newest().say('asset', { id: 'c' })
    expect(messages).toEqual([
      { event: 'alert', data: { id: 'a' } },
      { event: 'asset', data: { id: 'c' } },
    ])
  })

  it('opens again after a break, with the last id it heard, and says that it may have missed something', () => {
    const { sources, newest, states, missed, waits } = openStub()
    newest().onopen?.()
    newest().say('case', { id: 'k' }, '41')
    newest().say('asset', { id: 'c' })
    newest().onerror?.()
    expect(sources[0]?.closed).toBe(true)
    expect(states.at(-1)).toEqual({ state: 'down', nextTry: 2000 })
    waits[0]?.run()
    newest().onopen?.()
    expect(newest().url).toBe('/api/v1/feed?lastEventId=41')
    expect(missed).toEqual([false, true])
    expect(states.at(-1)).toEqual({ state: 'live' })
  })

  it('waits longer after each failure, and short again after a success', () => {
    const { newest, waits } = openStub()
    for (let n = 0; n < 3; n++) {
      newest().onerror?.()
      waits[n]?.run()
    }
    newest().onopen?.()
    newest().onerror?.()
    expect(waits.map(({ ms }) => ms)).toEqual([1000, 2000, 4000, 1000])
  })

  it('forgets its id on a reset, or it would be reset for ever', () => {
    const { newest, messages, waits } = openStub()
    newest().say('alert', { id: 'a' }, '7')
    newest().say('reset', {})
    newest().onerror?.()
    waits[0]?.run()
    expect(messages.at(-1)).toEqual({ event: 'reset' })
    expect(newest().url).toBe('/api/v1/feed')
  })

  it.each(['ready', 'reset'])('goes on from where a %s says that the present is', (event) => {
    const { newest, waits } = openStub()
    newest().say(event, {}, '90')
    newest().onerror?.()
    waits[0]?.run()
    expect(newest().url).toBe('/api/v1/feed?lastEventId=90')
  })

  it('stays closed when it was closed', () => {
    const { feed, newest, sources, waits } = openStub()
    newest().onerror?.()
    feed.close()
    expect(waits[0]?.off).toBe(true)
    newest().onerror?.()
    expect(sources).toHaveLength(1)
    expect(waits).toHaveLength(1)
  })

  it('never waits longer than twenty seconds, and never all pages alike', () => {
    expect(waitBefore(30, 1)).toBe(20_000)
    expect(waitBefore(3, 0)).toBe(4000)
    expect(waitBefore(3, 1)).toBe(8000)
  })
})
