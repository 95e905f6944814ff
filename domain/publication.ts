import { DELIVERY } from './topics.ts'

/** One message for the broker. */
export interface Publication {
  topic: string
  payload: string
  qos: 0 | 1
  retain: boolean
}

/**
 * The retained view of something that closes one day: its present form; when it is closed a last message, then an empty
 * retained one that takes it off the topic (contract.md, MQTT).
 */
export function viewOf(what: 'alert' | 'case', topic: string, data: unknown, closed: boolean): Publication[] {
  const message = { topic, payload: JSON.stringify(data), ...DELIVERY[what] }
  return closed ? [message, { ...message, payload: '' }] : [message]
}
