import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutEvent } from '../domain/event.ts'
import type { Desk } from '../domain/ports/desk.ts'

/** What stands on the other side of a desk in a test: it can be told how to answer, and knows what it took. */
export interface DeskUnderTest {
  desk: Desk
  /** `later`: it cannot now. `never`: it does not take such an event. `gone`: it wants no events any more. */
  answer(how: 'take' | 'later' | 'never' | 'gone'): void
  /** Ids of events that had an effect, one per effect. */
  effects(): readonly string[]
  close(): Promise<void>
}

export const AN_EVENT: OutEvent = {
  seq: 1,
  id: 'e1-case',
  type: 'city.wanglou.case.reported.v1',
  time: '2026-11-21T09:00:00.000Z',
  subject: 'case-1',
  area: '120116',
  data: { id: 'case-1', state: 'reported' },
}

/** The contract of domain/ports/desk.ts, for any implementation. */
export function deskConformance(name: string, open: () => Promise<DeskUnderTest>): void {
  describe(`desk: ${name}`, () => {
    let under: DeskUnderTest
    beforeEach(async () => {
      under = await open()
    })
    afterEach(() => under.close())

    it('delivers an event', async () => {
      expect(await under.desk.deliver(AN_EVENT)).toMatchObject({ outcome: 'delivered' })
      expect(under.effects()).toEqual([AN_EVENT.id])
    })

    it('has one effect for an event that comes twice (S16)', async () => {
      await under.desk.deliver(AN_EVENT)
      expect(await under.desk.deliver(AN_EVENT)).toMatchObject({ outcome: 'delivered' })
      expect(under.effects()).toEqual([AN_EVENT.id])
    })

    it.each([
      ['later', { outcome: 'failed', retry: true }],
      ['never', { outcome: 'failed', retry: false }],
      ['gone', { outcome: 'failed', retry: false, disable: true }],
    ] as const)('says whether trying again can help: %s', async (how, outcome) => {
      under.answer(how)
      expect(await under.desk.deliver(AN_EVENT)).toMatchObject({ ...outcome, why: expect.stringMatching(/./) })
      expect(under.effects()).toEqual([])
      under.answer('take')
      expect(await under.desk.deliver(AN_EVENT)).toMatchObject({ outcome: 'delivered' })
    })
  })
}
