/** Carries a message: as `Link.publish` does. */
export type Carry = (topic: string, payload: Buffer, settled: (error?: Error) => void) => void

interface Waiting {
  topic: string
  jpeg: Uint8Array
}

/**
 * Frames on their way to the platform. They go past the outbox: a picture of the past serves nobody, and a disk full of them would
 * push observations out. One of each camera is under way, the newest waits for it; what is overtaken, or comes while there is no
 * connection, is dropped and counted.
 */
export class FrameLane {
  readonly #underWay = new Set<string>()
  readonly #waiting = new Map<string, Waiting>()
  #carry: Carry | undefined
  sent = 0
  dropped = 0

  offer(camera: string, topic: string, jpeg: Uint8Array): void {
    if (!this.#carry) {
      this.dropped++
      return
    }
    if (this.#underWay.has(camera)) {
      if (this.#waiting.has(camera)) this.dropped++
      this.#waiting.set(camera, { topic, jpeg })
    } else this.#send(this.#carry, camera, { topic, jpeg })
  }

  /** There is a connection. */
  up(carry: Carry): void {
    this.#carry = carry
  }

  down(): void {
    this.#carry = undefined
    this.dropped += this.#waiting.size
    this.#waiting.clear()
  }

  #send(carry: Carry, camera: string, { topic, jpeg }: Waiting): void {
    this.#underWay.add(camera)
    carry(topic, Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength), (error) => {
      this.#underWay.delete(camera)
      if (error) this.dropped++
      else this.sent++
      const next = this.#waiting.get(camera)
      this.#waiting.delete(camera)
      if (next && this.#carry) this.#send(this.#carry, camera, next)
      else if (next) this.dropped++
    })
  }
}
