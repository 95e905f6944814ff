/**
 * Names that the book and the platform use in conditions, by what they name (docs/rules.md). A city has names of its own
 * besides; one that is nearly one of these is taken for a slip of the pen.
 */
export const NAMES = {
  /** Zones on the map, by type. */
  zone: ['banned', 'banned-by-day', 'depot', 'site', 'loading', 'dump', 'slow', 'quiet', 'route'],
  /** Zones in a picture, by type. */
  pictureZone: [...['banned', 'no-parking', 'no-parking-reminded', 'no-bikes', 'no-stall', 'no-vending', 'shop-front', 'street', 'pavement', 'bins', 'road', 'cover', 'site-exit']],
  /** Labels of objects in scenes. */
  label: [
    ...['car', 'truck', 'bus', 'van', 'two-wheeler', 'person', 'muck-truck-loaded-open', 'muck-truck-covered', 'plate', 'plate-hidden', 'wheels-dirty'],
    ...['cover-open', 'cover-closed', 'cover-missing', 'cover-broken', 'cover-shifted', 'spillage', 'new-object', 'garbage', 'bin-full', 'pile', 'water'],
    ...['stall', 'goods', 'table', 'rack', 'laundry', 'banner', 'arch', 'board', 'umbrella'],
  ],
  permit: ['transport', 'all-hours', 'outdoor-ad'],
  /** Sorts of case. */
  case: ['incident', 'maintenance'],
  /** Alarms of a vehicle's terminal (domain facts D.3). */
  alarm: [
    ...['sos', 'overspeed', 'fatigue', 'danger', 'gnss_fault', 'antenna_open', 'antenna_short', 'low_voltage', 'power_cut', 'no_fix', 'encrypted'],
    ...['route_deviation', 'in_out_area', 'in_out_route', 'illegal_ignition', 'illegal_move', 'collision', 'rollover'],
  ],
} as const satisfies Record<string, readonly string[]>

/** What a name in a condition names; ids of calendars are the city's own. */
export type NameSort = keyof typeof NAMES | 'calendar'
