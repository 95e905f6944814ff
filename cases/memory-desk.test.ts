import type { DeskOutcome } from '../domain/ports/desk.ts'
import { deskConformance } from './desk-conformance.ts'
import { createMemoryDesk } from './memory-desk.ts'

const ANSWERS = {
  take: { outcome: 'delivered' },
  later: { outcome: 'failed', retry: true, why: 'busy' },
  never: { outcome: 'failed', retry: false, why: 'no such matter' },
  gone: { outcome: 'failed', retry: false, why: 'gone', disable: true },
} as const satisfies Record<string, DeskOutcome>

deskConformance('memory', async () => {
  const desk = createMemoryDesk('memory')
  return { desk, answer: (how) => desk.answer(ANSWERS[how]), effects: () => desk.taken.map(({ id }) => id), close: async () => undefined }
})
