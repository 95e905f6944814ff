import { openReceiver, type Receiver } from '../cases/receiver.ts'

/** A case system that takes every event and loses each answer once: what it counts are effects, never requests. */
export interface ForgetfulDesk {
  url: string
  /** Ids under which a case was reported, by case. */
  reported(): Map<string, Set<string>>
  /** Bodies that came under one id, by id: more than one is wrong. */
  bodies(): Map<string, Set<string>>
  /** True once every one of these cases was reported and that report answered. */
  settled(cases: readonly string[]): boolean
  unsigned(): number
  close(): Promise<void>
}

export async function openForgetfulDesk(): Promise<ForgetfulDesk> {
  const receiver: Receiver = await openReceiver()
  const met = new Set<string>()
  const answered = new Set<string>()
  receiver.onRequest((id, response, take) => {
    take()
    if (met.has(id)) {
      answered.add(id)
      response.writeHead(204).end()
      return
    }
    met.add(id)
    response.destroy()
  })
  const reported = (): Map<string, Set<string>> => {
    const cases = new Map<string, Set<string>>()
    for (const { id, body } of receiver.requests) {
      const { type, subject } = JSON.parse(body) as { type: string; subject: string }
      if (type === 'city.wanglou.case.reported.v1') cases.set(subject, (cases.get(subject) ?? new Set()).add(id))
    }
    return cases
  }
  return {
    url: receiver.url.href,
    reported,
    bodies: () => {
      const bodies = new Map<string, Set<string>>()
      for (const { id, body } of receiver.requests) bodies.set(id, (bodies.get(id) ?? new Set()).add(body))
      return bodies
    },
    settled: (cases) => {
      const known = reported()
      return cases.every((id) => [...(known.get(id) ?? [])].some((event) => answered.has(event)))
    },
    unsigned: () => receiver.requests.filter(({ valid }) => !valid).length,
    close: () => receiver.close(),
  }
}
