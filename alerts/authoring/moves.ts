import { areaContains } from '../../domain/area.ts'
import { CodedError } from '../../domain/errors.ts'
import type { RuleTarget } from '../../domain/ports/authoring.ts'
import type { Principal } from '../../domain/role.ts'
import type { RuleRecord } from '../../store/book/rules.ts'

type Standing = Pick<RuleRecord, 'version' | 'state' | 'areas'>

/**
 * Why somebody may not move a version, if so; `moved` is undefined for one that is only now written. A rule watches the
 * whole city, so whoever sees a part of it may change what is in force there and nothing else.
 */
export function whyNotMoved(versions: readonly Standing[], moved: Standing | undefined, to: RuleTarget, who: Principal): CodedError | undefined {
  if (to.areas && moved?.state === 'live' && moved.areas === null)
    return new CodedError('request.invalid', undefined, { details: [{ where: 'body.areas', why: 'the version is live everywhere; put another one in force first' }] })
  if (who.area === '') return undefined
  const touched = [...(to.state === 'live' ? [to.areas ?? null] : []), ...(moved?.state === 'live' ? [moved.areas] : [])]
  if (to.state === 'live') touched.push(...versions.filter(({ state, areas }) => state === 'live' && areas !== null).map(({ areas }) => areas))
  const within = touched.every((areas) => areas?.every((code) => areaContains(who.area, code)) ?? false)
  return within ? undefined : new CodedError('auth.forbidden', 'This changes what is in force outside of your area.')
}
