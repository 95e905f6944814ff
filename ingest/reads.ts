import type { Socket } from 'node:net'
import type { GatewayStream } from './gateway-stream.ts'
import { PacketCutter, type StreamFault } from './packet-cutter.ts'

/** The short way of a socket's publishes, and whom to tell that there is life in it. */
export interface ShortWay {
  stream: GatewayStream
  heard: () => void
}

export interface ReadsOptions {
  packetBytes: number
  /** The short way, once there is one and while it is open. */
  way: () => ShortWay | undefined
  /** Told once why a socket is not read any further; it is closed then. */
  refused: (fault: StreamFault) => void
}

/** Lets the broker read from its socket whole packets only, none that is too large, and none that goes the short way. */
export function interceptReads(socket: Socket, { packetBytes, way, refused }: ReadsOptions): void {
  const cutter = new PacketCutter(packetBytes)
  const read = socket.read.bind(socket)
  socket.read = (size?: number): Buffer | null => {
    const open = way()
    if (open?.stream.mayRead() === false) return null
    const chunk = read(size) as Buffer | null
    if (chunk === null) return null
    const packets = cutter.cut(chunk)
    if (typeof packets === 'string') {
      refused(packets)
      socket.destroy()
      return null
    }
    if (packets.length > 0) open?.heard()
    const rest = open?.stream.take(packets) ?? packets
    return rest.length > 0 ? rest : null
  }
}
