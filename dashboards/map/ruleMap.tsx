import { type ReactNode, useEffect, useRef } from 'react'
import { useWords } from '../i18n/language.tsx'
import type { AssetState } from '../state/city.ts'
import type { CityMap } from './cityMap.ts'
import { FIXED, fixedPoints } from './features.ts'
import { glideTo } from './motion.ts'
import { useGroundMap } from './useGroundMap.tsx'

/** The rank that the map draws in the colour of information: here it means "has params of its own". */
const OWN = { worst: 0 }

interface RuleMapProps {
  assets: readonly AssetState[]
  /** Assets with params of their own. */
  own: ReadonlySet<string>
  /** A click on an asset; undefined where nothing can be done with it. */
  choose: ((asset: string) => void) | undefined
}

/** The assets that a rule watches, on the city's own ground. */
export default function RuleMap({ assets, own, choose }: RuleMapProps): ReactNode {
  const { t } = useWords()
  const { map, ground } = useGroundMap(t('where.map'), { asset: (id) => id !== null && choose?.(id) })
  useEffect(() => {
    if (map) show(map, assets, own)
  }, [map, assets, own])
  const fitted = useRef(false)
  useEffect(() => {
    if (!map || fitted.current || assets.length === 0) return
    fitted.current = true
    map.fit(assets.flatMap(({ lon, lat }) => (lon === null || lat === null ? [] : [[lon, lat] as const])))
  }, [map, assets])
  return (
    <div className="map rule-map" data-testid="rule-map">
      {ground}
      <p className="rule-map-legend">
        <span className="legend-own" /> {t('where.legend')}
        {choose && ` · ${t('where.click')}`}
      </p>
    </div>
  )
}

function show(map: CityMap, assets: readonly AssetState[], own: ReadonlySet<string>): void {
  const marks = new Map([...own].map((id) => [id, OWN]))
  const now = Date.now()
  for (const kind of FIXED) map.setPoints(kind, fixedPoints(assets, kind, marks, now))
  map.overlay.vehicles.clear()
  for (const { id, kind, lon, lat, at } of assets) {
    if (kind !== 'vehicle' || lon === null || lat === null) continue
    map.overlay.vehicles.set(id, {
      glide: glideTo(undefined, { position: [lon, lat], headingDeg: undefined, at }, performance.now()),
      moving: true,
      worst: own.has(id) ? OWN.worst : -1,
    })
  }
}
