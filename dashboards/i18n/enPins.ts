import type { zhPins } from './zhPins.ts'

/** The English of zhPins. */
export const enPins: Record<keyof typeof zhPins, string> = {
  'pins.title': 'Calibration',
  'pins.open': 'Set points',
  'pins.close': 'Done',
  'pins.clear': 'Clear',
  'pins.picture': 'Calibration points in the picture',
  'pins.map': 'Calibration points on the map',
  'pins.few': 'Click a point of the ground in the picture, then its place on the map; {n} more {n|pair|pairs}, spread over the road, eight are better.',
  'pins.fits': 'They fit; a point is off by about {m} m',
  'pins.refused': 'Of no use: {why}',
  'pins.metres': '{m} m off',
  'pins.remove': 'Remove pair {n}',
  'zone.asset': 'Asset that it shows',
  'zone.inertia': 'Looks to confirm',
  'zone.inertiaHelp': 'A thing counts once so many looks have shown it in the zone, and then from the first of them on.',
}
