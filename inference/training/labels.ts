/** What the project's own detector tells apart, in the order of its classes. */
export const LABELS = [
  'truck',
  'muck-truck-loaded-open',
  'muck-truck-covered',
  'car',
  'bus',
  'two-wheeler',
  'person',
  'cover-closed',
  'cover-open',
  'spillage',
  'garbage',
  'stall',
] as const
export type Label = (typeof LABELS)[number]
