import { type ReactNode, useMemo, useState } from 'react'
import type { Alert } from '../../domain/alert.ts'
import { stillUrl } from '../api/client.ts'
import { useWords } from '../i18n/language.tsx'
import { devicesOf } from '../map/devices.ts'
import { placeOf } from '../map/features.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { type NearAsset, nearest } from './near.ts'
import { Section } from './section.tsx'

const WITHIN_M = 300

/** Who else sees the place? The nearest cameras with their newest picture: the cheapest second witness. */
export function NearCameras({ alert }: { alert: Alert }): ReactNode {
  const { t } = useWords()
  const { live } = usePage()
  const places = useCity((city) => city.places)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `places` stands for the positions in the register
  const cameras = useMemo(() => {
    const { assets } = live.city.get()
    const place = placeOf(alert, assets)
    return place ? nearest(assets.values(), 'camera', place, WITHIN_M, 4).filter(({ asset }) => asset.id !== alert.asset) : []
  }, [live, places, alert.lon, alert.lat, alert.asset])
  if (cameras.length === 0) return null
  return (
    <Section title={t('panel.cameras', { m: WITHIN_M })}>
      <div className="cameras">
        {cameras.slice(0, 3).map((camera) => (
          <NearCamera key={camera.asset.id} camera={camera} />
        ))}
      </div>
    </Section>
  )
}

function NearCamera({ camera: { asset, metres } }: { camera: NearAsset }): ReactNode {
  const { t } = useWords()
  const turn = useNow(10_000)
  const [missing, setMissing] = useState(false)
  const camera = devicesOf(asset)[0] ?? asset.id
  return (
    <figure>
      {missing ? (
        <span className="still-missing">{t('camera.noStill')}</span>
      ) : (
        <img src={stillUrl(camera, turn)} alt={t('camera.still', { camera: asset.name || asset.id })} onError={() => setMissing(true)} />
      )}
      <figcaption>
        {asset.name || asset.id} <span className="muted">{Math.round(metres)} m</span>
      </figcaption>
    </figure>
  )
}
