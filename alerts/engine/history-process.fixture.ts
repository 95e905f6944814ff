import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import { openHistory } from '../../store/history/writer.ts'
import { type HistoryFault, HistoryKeeper } from './history-keeper.ts'

/** For tests: a keeper in a process of its own, on whatever disk that stands. It answers each message with how it is. */
export interface HistoryState {
  fault: HistoryFault | undefined
  failed: string[]
  flushed: number
  /** Observations that can be read, whether they are on the disk or not. */
  readable: number
}

const DEVICES = 200
const AT = 1_700_000_000_000
const history = openHistory(process.argv[2] as string, { aside: true })
const failed: string[] = []
const keeper = new HistoryKeeper(history, (why) => failed.push(why))
const text = Buffer.from(JSON.stringify({ at: AT, note: 'x'.repeat(16_000) }))
let offset = 0

/** Each device reports once. */
function keep(): void {
  for (let n = 0; n < DEVICES; n++) {
    const device = `d${n}` as DeviceId
    keeper.keep({ type: 'observation', offset: ++offset, receivedAt: AT, kind: 'cover', device, gateway: 'gw' as GatewayId, at: AT, payload: { at: AT } }, text, 0, text.length)
  }
}

function state(): HistoryState {
  const readable = Array.from({ length: DEVICES }, (_, n) => history.read({ device: `d${n}` as DeviceId, from: AT, to: AT }).length).reduce((sum, count) => sum + count, 0)
  return { fault: keeper.fault, failed, flushed: history.flushed(), readable }
}

process.on('message', (message: 'keep' | 'flush' | 'state') => {
  if (message === 'keep') keep()
  if (message === 'flush') keeper.flush()
  process.send?.(state())
})
process.once('disconnect', () => keeper.close())
