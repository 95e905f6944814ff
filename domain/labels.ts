/**
 * Labels that one thing goes by from picture to picture: a van is a car now and a truck then, a cover is closed and is
 * open a minute later. A label that stands here nowhere is a group of its own.
 */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'motor vehicle': ['car', 'truck', 'bus', 'van', 'muck-truck-loaded-open', 'muck-truck-covered'],
  cover: ['cover-closed', 'cover-open', 'cover-missing', 'cover-broken', 'cover-shifted'],
}

const GROUP_OF = new Map(Object.entries(GROUPS).flatMap(([group, labels]) => labels.map((label) => [label, group] as const)))

/** The sort of thing that a label speaks of: two boxes may be one thing only if they are of one group. */
export function groupOf(label: string): string {
  return GROUP_OF.get(label) ?? label
}
