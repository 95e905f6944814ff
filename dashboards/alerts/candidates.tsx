import { type ReactNode, useEffect, useState } from 'react'
import type { AlertDetail } from '../../domain/alert.ts'
import type { Candidate } from '../../domain/attribution.ts'
import { city } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime, fullTime, msOf } from '../i18n/times.ts'
import { devicesOf } from '../map/devices.ts'
import { type Fixed, showTrack } from '../map/track.ts'
import { useCity, useNow } from '../shell/page.ts'
import { Section } from './section.tsx'
import './candidates.css'

/** The stretch of a candidate's way that is drawn, before and after it passed. */
const AROUND_MS = 120_000
const NEAR_MS = 15_000

/** Whose vehicle it was: everybody who may have been it, with how probable that is, and nobody known among them. */
export function Candidates({ detail }: { detail: AlertDetail }): ReactNode {
  const { t } = useWords()
  const { candidates, vehicle } = detail
  const [chosen, setChosen] = useState<string | null>(null)
  const drawn = candidates.find((each) => each.vehicle !== null && each.vehicle === (chosen ?? candidates[0]?.vehicle))
  if (candidates.length === 0) return null
  return (
    <Section title={t('panel.candidates')}>
      <p className="muted candidates-sum">{vehicle === null ? t('candidates.unsure') : t('candidates.sure', { plate: vehicle.plate ?? vehicle.asset })}</p>
      <ol className="candidates" data-testid="candidates">
        {candidates.map((candidate) => (
          <Row key={candidate.vehicle ?? ''} candidate={candidate} drawn={candidate === drawn} choose={setChosen} />
        ))}
      </ol>
      {drawn?.vehicle && drawn.when && <Track vehicle={drawn.vehicle} at={msOf(drawn.when)} />}
    </Section>
  )
}

function Row({ candidate, drawn, choose }: { candidate: Candidate; drawn: boolean; choose: (vehicle: string) => void }): ReactNode {
  const { t, word, language } = useWords()
  const now = useNow(60_000)
  const { vehicle, plate, probability, distanceM, when, why } = candidate
  const share = `${Math.floor(probability * 100)}%`
  const facts = [...(when === null ? [] : [clockTime(when, now, language)]), ...(distanceM === null ? [] : [`${distanceM} m`]), ...why.map((each) => word('why', each))]
  const body = (
    <>
      <span className="candidate-name">
        {vehicle === null ? t('candidates.unknown') : (plate ?? vehicle)}
        <b>{share}</b>
      </span>
      <span className="candidate-bar" aria-hidden="true">
        <span style={{ width: share }} />
      </span>
      <span className="muted candidate-why" title={when === null ? undefined : fullTime(when)}>
        {facts.join(' · ')}
      </span>
    </>
  )
  if (vehicle === null) return <li className="candidate candidate-unknown">{body}</li>
  return (
    <li className="candidate">
      <button type="button" aria-pressed={drawn} title={t('candidates.track')} onClick={() => choose(vehicle)}>
        {body}
      </button>
    </li>
  )
}

/** Draws the candidate's way on the map as long as it is chosen. */
function Track({ vehicle, at }: { vehicle: string; at: number }): null {
  const device = useCity((state) => {
    const asset = state.assets.get(vehicle)
    return (asset && devicesOf(asset)[0]) ?? vehicle
  })
  const { value } = useLoad(`${device} ${at}`, (signal) =>
    city.observations({ device, kind: 'vehicle', from: new Date(at - AROUND_MS).toISOString(), to: new Date(at + AROUND_MS).toISOString(), limit: 500 }, signal),
  )
  useEffect(() => {
    showTrack(value ? value.items.flatMap((item): Fixed[] => fixOf(item, at)) : [])
    return () => showTrack([])
  }, [value, at])
  return null
}

/** A fix in another frame than the map's would be drawn half a kilometre aside: better not at all. */
function fixOf({ lon, lat, at, crs = 'wgs84' }: Record<string, unknown>, about: number): Fixed[] {
  if (typeof lon !== 'number' || typeof lat !== 'number' || crs !== 'wgs84') return []
  const when = typeof at === 'number' ? at : typeof at === 'string' ? Date.parse(at) : Number.NaN
  return [{ place: [lon, lat], near: Math.abs(when - about) <= NEAR_MS }]
}
