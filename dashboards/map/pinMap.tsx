import { type ReactNode, useEffect } from 'react'
import type { Position } from '../../domain/geo.ts'
import { useWords } from '../i18n/language.tsx'
import { useGroundMap } from './useGroundMap.tsx'

interface PinMapProps {
  pins: readonly { name: string; place: Position }[]
  /** Where to look first. */
  middle: Position | null
  set: (place: Position) => void
}

/** The city's ground, on which places are pointed at. */
export default function PinMap({ pins, middle, set }: PinMapProps): ReactNode {
  const { t } = useWords()
  const { map, ground } = useGroundMap(t('pins.map'), { ground: set }, middle)
  useEffect(() => {
    const drawn = map ? pins.map(({ name, place }) => map.pin(place, name)) : []
    return () => {
      for (const remove of drawn) remove()
    }
  }, [map, pins])
  return (
    <div className="map pin-map" data-testid="pin-map">
      {ground}
    </div>
  )
}
