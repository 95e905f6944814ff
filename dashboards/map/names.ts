import type { FeatureCollection } from 'geojson'
import type { Language } from '../i18n/text.ts'

/** The base map bears names in both languages; the map draws one text. A name that is a text already stays. */
export function inLanguage(basemap: FeatureCollection, language: Language): FeatureCollection {
  return {
    ...basemap,
    features: basemap.features.map((feature) => {
      const name: unknown = feature.properties?.name
      if (typeof name !== 'object' || name === null) return feature
      return { ...feature, properties: { ...feature.properties, name: (name as Partial<Record<Language, string>>)[language] ?? '' } }
    }),
  }
}
