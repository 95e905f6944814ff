/** What the ingest room takes from outside before it says no; every limit can be configured. */
export interface Limits {
  /** Bytes of one MQTT packet. */
  packetBytes: number
  /** Open connections, and those of one user at a time. */
  connections: number
  connectionsPerUser: number
  /** Messages per second of one gateway; beyond it acknowledgements wait, nothing is lost. */
  messagesPerSecond: number
  topicLevels: number
  /** Filters that one connection subscribes to in its life. */
  subscriptions: number
  /** Until CONNECT must have arrived, in ms. */
  connectMs: number
  /** Longest keep-alive that a client may ask for, in seconds. */
  keepaliveSeconds: number
  /** Devices that nobody registered, per gateway and hour. */
  newDevicesPerHour: number
  /** An observation that happened more days before its receipt is refused. */
  tooOldDays: number
  /** Refused messages that are kept for people to look at. */
  rejects: number
}

export const DEFAULT_LIMITS: Limits = {
  packetBytes: 1024 * 1024,
  connections: 5000,
  connectionsPerUser: 5,
  messagesPerSecond: 20_000,
  topicLevels: 10,
  subscriptions: 100,
  connectMs: 10_000,
  keepaliveSeconds: 3600,
  newDevicesPerHour: 2000,
  tooOldDays: 7,
  rejects: 10_000,
}
