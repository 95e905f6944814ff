import { MINUTE } from '../domain/time.ts'
import { topics } from '../domain/topics.ts'
import { Random } from '../fixtures/city/random.ts'
import { alertId } from '../rules/raised.ts'

/** One message that a gateway has to bring over, once. */
export interface ScriptMessage {
  topic: string
  payload: string
  device: string
  seq: number
}

/** An alert that the script implies, known before any message is sent. */
export interface ScriptAlert {
  id: string
  asset: string
  openedAt: number
  resolvedAt: number
  /** Its opening message, by gateway and place in that gateway's list. */
  gateway: string
  index: number
}

export interface Script {
  /** By gateway, in the order in which they are sent. */
  messages: Map<string, ScriptMessage[]>
  alerts: ScriptAlert[]
}

/** Event time between two reports: so long that no stall of this machine lets a timer overtake the next report. */
const STEP_MS = 10 * MINUTE
/** `clear.for` of cover-displaced. */
const CLEAR_MS = MINUTE
export const RULE = 'cover-displaced'

/**
 * What the covers will do, by a plan of their own and not by the engine's: they lie still, stand open for some
 * reports, and are closed again; every opening is one alert, from its first report to a minute after the first closed one.
 */
export function writeScript({ seed, gateways, covers, steps, begin }: { seed: number; gateways: readonly string[]; covers: number; steps: number; begin: number }): Script {
  const messages = new Map<string, ScriptMessage[]>(gateways.map((gateway) => [gateway, []]))
  const alerts: ScriptAlert[] = []
  const plans = Array.from({ length: covers }, (_, index) => ({
    device: `cover-${index}`,
    gateway: gateways[index % gateways.length] ?? '',
    open: plan(new Random(`${seed}/${index}`), steps),
  }))
  for (let step = 0; step < steps; step++) {
    const at = begin + step * STEP_MS
    for (const { device, gateway, open } of plans) {
      const list = messages.get(gateway) ?? []
      if (open[step] && !open[step - 1]) {
        const closed = open.indexOf(false, step)
        alerts.push({ id: alertId(RULE, device, at), asset: device, openedAt: at, resolvedAt: begin + closed * STEP_MS + CLEAR_MS, gateway, index: list.length })
      }
      const reading = open[step] ? { tiltDeg: 40, displaced: true } : { tiltDeg: 1, displaced: false }
      list.push({ topic: topics.observation(gateway, 'cover', device), payload: JSON.stringify({ at, seq: step, boot: 'kill', ...reading }), device, seq: step })
    }
  }
  return { messages, alerts }
}

/** Open or not, step by step; it ends closed for long enough that everything clears. */
function plan(random: Random, steps: number): boolean[] {
  const open: boolean[] = []
  while (open.length < steps - 8) {
    const still = Math.round(random.between(3, 24))
    const standing = Math.round(random.between(1, 4))
    open.push(...Array.from({ length: still }, () => false), ...Array.from({ length: standing }, () => true))
  }
  return [...open.slice(0, steps - 3), false, false, false]
}
