import { DeleteOutlined } from '@ant-design/icons'
import { Button, Skeleton } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo } from 'react'
import type { Position } from '../../domain/geo.ts'
import { useWords } from '../i18n/language.tsx'
import { useCity } from '../shell/page.ts'
import { type Fit, fitOf, type Pins, type Prick } from './pins.ts'

const PinMap = lazy(() => import('../map/pinMap.tsx'))

interface CalibrationFormProps {
  camera: string
  pins: Pins
  prick: (what: Prick) => void
  /** Points are being set: clicks in the picture are theirs. */
  open: boolean
  setOpen: (open: boolean) => void
  mayEdit: boolean
}

/** Where the ground of the picture lies on the map: pairs of points, how well they fit, and a map to point at. */
export function CalibrationForm({ camera, pins, prick, open, setOpen, mayEdit }: CalibrationFormProps): ReactNode {
  const { t } = useWords()
  const fit = fitOf(pins)
  return (
    <section className="calibration" aria-label={t('pins.title')}>
      <div className="section-head">
        <h3>{t('pins.title')}</h3>
        {mayEdit && (
          <span>
            {pins.points.length > 0 && (
              <Button size="small" type="text" onClick={() => prick({ do: 'clear' })}>
                {t('pins.clear')}
              </Button>
            )}
            <Button size="small" type={open ? 'primary' : 'default'} data-testid="btn-calibrate" aria-pressed={open} onClick={() => setOpen(!open)}>
              {t(open ? 'pins.close' : 'pins.open')}
            </Button>
          </span>
        )}
      </div>
      {(open || pins.points.length > 0) && <FitLine fit={fit} />}
      <ul className="pin-list">
        {pins.points.map(({ picture: [x, y], lon, lat }, index) => (
          <li key={`${x} ${y}`}>
            <b>{index + 1}</b>
            <span className="muted">
              {lon.toFixed(6)}, {lat.toFixed(6)}
            </span>
            <span data-testid={`residual-${index + 1}`}>{fit.is === 'fits' ? t('pins.metres', { m: (fit.residualsM[index] ?? 0).toFixed(1) }) : ''}</span>
            {mayEdit && (
              <Button size="small" type="text" danger icon={<DeleteOutlined />} aria-label={t('pins.remove', { n: index + 1 })} onClick={() => prick({ do: 'remove', index })} />
            )}
          </li>
        ))}
      </ul>
      {open && <PinPlaces camera={camera} pins={pins} prick={prick} />}
    </section>
  )
}

function FitLine({ fit }: { fit: Fit }): ReactNode {
  const { t } = useWords()
  switch (fit.is) {
    case 'few':
      return <p className="muted">{t('pins.few', { n: fit.more })}</p>
    case 'refused':
      return (
        <p className="pin-refused" data-testid="calibration-refused">
          {t('pins.refused', { why: fit.why })}
        </p>
      )
    case 'fits':
      return <p data-testid="calibration-fits">{t('pins.fits', { m: fit.deviationM.toFixed(1) })}</p>
  }
}

function PinPlaces({ camera, pins, prick }: { camera: string; pins: Pins; prick: (what: Prick) => void }): ReactNode {
  const site = useCity((city) => city.assets.get(camera))
  const drawn = useMemo(
    () => [
      ...pins.points.map(({ lon, lat }, index) => ({ name: String(index + 1), place: [lon, lat] as Position })),
      ...(pins.place ? [{ name: String(pins.points.length + 1), place: pins.place }] : []),
    ],
    [pins],
  )
  const middle = drawn[0]?.place ?? (site && site.lon !== null && site.lat !== null ? ([site.lon, site.lat] as Position) : null)
  return (
    <Suspense fallback={<Skeleton active />}>
      <PinMap pins={drawn} middle={middle} set={(at) => prick({ do: 'map', at })} />
    </Suspense>
  )
}
