import type { Kind } from '../../domain/fields.ts'

const PARAM_AND_WHEN: Record<Kind, string> = {
  cover: 'params:\n  tiltDeg: { value: 15, unit: deg, min: 2, max: 90, step: 1, help: Tilt from which it counts }\nwhen: tiltDeg > params.tiltDeg',
  vehicle: 'params:\n  speedKmh: { value: 60, unit: km/h, min: 5, max: 120, step: 1, help: Speed from which it counts }\nwhen: speedKmh > params.speedKmh',
  sensor: 'params:\n  limit: { value: 1, min: 0, max: 100, help: Value from which it counts }\nwhen: absent("1h")',
  scene: 'params:\n  score: { value: 0.4, unit: "1", min: 0.05, max: 1, step: 0.01, help: Score from which an object counts }\nwhen: camera != ""',
  report: 'when: category == "01002"',
  presence: 'when: state == "offline"',
}

/** A text that is a whole rule already, so that an author changes it instead of filling a form. */
export function templateOf(id: string, kind: Kind): string {
  return `rule: ${id}\ntitle: { zh: ${id}, en: ${id} }\nhelp: { zh: "", en: "" }\non: ${kind}\n${PARAM_AND_WHEN[kind]}\nfor: 0s\nseverity: minor\n`
}
