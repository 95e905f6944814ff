import { expect, it } from 'vitest'
import { inLanguage } from './names.ts'

it('draws the name in the reader’s language, and leaves a plain text as it is', () => {
  const feature = (name: unknown) => ({ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: [0, 0] }, properties: { class: 'road', name } })
  const both = { type: 'FeatureCollection' as const, features: [feature({ zh: '云岭路', en: 'Yunling Road' }), feature('A1'), feature(undefined)] }
  expect(inLanguage(both, 'en').features.map(({ properties }) => properties?.name)).toEqual(['Yunling Road', 'A1', undefined])
  expect(inLanguage(both, 'zh').features[0]?.properties).toEqual({ class: 'road', name: '云岭路' })
})
