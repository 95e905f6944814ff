/** Branded ids: only decoders, minters and tests create them, so that a device id never stands where an asset id is meant. */
declare const brand: unique symbol
type Brand<T, B extends string> = T & { readonly [brand]: B }

export type GatewayId = Brand<string, 'GatewayId'>
export type DeviceId = Brand<string, 'DeviceId'>
export type AssetId = Brand<string, 'AssetId'>
export type RuleId = Brand<string, 'RuleId'>
export type AlertId = Brand<string, 'AlertId'>
export type CaseId = Brand<string, 'CaseId'>
export type EvidenceId = Brand<string, 'EvidenceId'>

/** Position of a record in the journal: 1, 2, 3 … without gaps, in commit order. */
export type Offset = number

const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

/** True for ids as the contract allows them in topics and paths: `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}` without `..`. */
export function isId(text: string): boolean {
  return ID.test(text) && !text.includes('..')
}
