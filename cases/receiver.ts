import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** A case system on loopback for tests: checks signatures and counts effects, as a receiver of Standard Webhooks must. */
export interface Receiver {
  url: URL
  /** Every request that arrived, with what it said. */
  readonly requests: readonly { id: string; headers: IncomingMessage['headers']; body: string; valid: boolean }[]
  /** Ids of events in the order in which they first had an effect. */
  readonly effects: readonly string[]
  /** Answers from now on; the effect of a request happens before its answer, whatever that is, unless the answer refuses it. */
  onRequest(answer: (id: string, response: ServerResponse, take: () => void) => void): void
  /** Resolves when `done` holds, looked at after each request. */
  until(done: () => boolean): Promise<void>
  close(): Promise<void>
}

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export async function openReceiver(): Promise<Receiver> {
  const requests: { id: string; headers: IncomingMessage['headers']; body: string; valid: boolean }[] = []
  const effects: string[] = []
  const waiting = new Set<() => void>()
  let answer = (_id: string, response: ServerResponse, take: () => void): void => {
    take()
    response.writeHead(204).end()
  }
  const server = createServer((request, response) => {
    void receive(request).then(({ headers, body }) => {
      const id = String(headers['webhook-id'])
      requests.push({ id, headers, body, valid: isValid(body, headers) })
      response.on('close', () => {
        for (const look of waiting) look()
      })
      answer(id, response, () => {
        if (!effects.includes(id)) effects.push(id)
      })
    })
  })
  await listening(server)
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`),
    requests,
    effects,
    onRequest(next) {
      answer = next
    },
    until: (done) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!done()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function receive(request: IncomingMessage): Promise<{ headers: IncomingMessage['headers']; body: string }> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return { headers: request.headers, body: Buffer.concat(chunks).toString() }
}

function isValid(body: string, headers: IncomingMessage['headers']): boolean {
  try {
    new Webhook(SECRET).verify(body, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
}
