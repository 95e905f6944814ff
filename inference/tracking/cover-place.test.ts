import { describe, expect, it } from 'vitest'
import type { Box, SceneObject } from '../../domain/observation.ts'
import { coverAt } from './cover-place.ts'

const PLACE: Box = [0.4, 0.6, 0.1, 0.08]
const STRONG = 0.35
const thing = (label: string, box: Box, score = 0.8): SceneObject => ({ label, score, box: [...box] })
const lidAt = (sizes: number, score?: number): SceneObject => thing('cover-closed', [PLACE[0] + sizes * PLACE[2], PLACE[1], PLACE[2], PLACE[3]], score)

describe('what a look says of a cover by its place', () => {
  it.each<[string, SceneObject[], string]>([
    ['closed where it lies', [lidAt(0)], 'there'],
    ['trembling', [lidAt(0.3)], 'there'],
    ['so faint that the model hardly means it', [lidAt(0.1, 0.11)], 'there'],
    ['open: something of a cover is there', [thing('cover-open', PLACE)], 'there'],
    ['its lid half beside it', [lidAt(0.5)], 'shifted'],
    ['its lid beside it', [lidAt(-2)], 'shifted'],
    ['a lid that may be none', [lidAt(2, 0.2)], 'gone'],
    ['a lid that lies too far to be its own', [lidAt(4)], 'gone'],
    ['a part of a lid: something that no model knows hides the rest', [thing('cover-closed', [0.48, 0.6, 0.02, 0.08])], 'unclear'],
    ['nothing', [], 'gone'],
    ['cars elsewhere', [thing('car', [0.7, 0.6, 0.2, 0.2])], 'gone'],
    ['a bus that stands over it', [thing('bus', [0.2, 0.3, 0.6, 0.5])], 'unclear'],
    ['a bus at its edge', [thing('bus', [0, 0.3, 0.41, 0.5])], 'unclear'],
    ['a bus over it, and a lid that is seen beside it', [thing('bus', [0.2, 0.3, 0.35, 0.5]), lidAt(2)], 'unclear'],
    ['a leg that may be somebody', [thing('person', [0.45, 0.5, 0.02, 0.15], 0.12)], 'unclear'],
    ['something new on it', [thing('new-object', [0.42, 0.62, 0.05, 0.05])], 'unclear'],
  ])('%s', (_, objects, verdict) => {
    expect(coverAt(PLACE, objects, STRONG).is).toBe(verdict)
  })
})
