import { Aedes, type Client, type PublishPacket } from 'aedes'
import { FROM_PREFIX } from '../domain/topics.ts'

type Done = (error?: Error) => void

/** The owner of aedes. What gateways publish is journalled, not distributed: aedes would fan it out, keep it as retained and queue it. */
export class WatchBroker extends Aedes {
  override publish(packet: PublishPacket, client: Client | null | Done, done?: Done): void {
    if (typeof client === 'function') super.publish(packet, client)
    else if (packet.topic.startsWith(FROM_PREFIX)) done?.()
    // @ts-expect-error the type leaves out the form that aedes itself calls with every client's publish
    else super.publish(packet, client, done)
  }
}
