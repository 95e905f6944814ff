import { Spin } from 'antd'
import { lazy, type ReactNode, Suspense } from 'react'
import { AlertList } from '../alerts/alertList.tsx'
import { AlertPanel } from '../alerts/alertPanel.tsx'
import { Help } from '../alerts/help.tsx'
import { Heralds } from '../alerts/heralds.tsx'
import { Workbench } from '../alerts/workbench.tsx'
import { useStore } from '../state/store.ts'
import { Boundary } from './boundary.tsx'
import { Header } from './header.tsx'
import { usePage } from './page.ts'
import { pathOf } from './route.ts'

// The list of alerts is on the screen before the map's megabyte is.
const MapView = lazy(() => import('../map/mapView.tsx'))
const CasesPage = lazy(() => import('../cases/casesPage.tsx'))
const RulesPage = lazy(() => import('../rules/rulesPage.tsx'))
const CalendarsPage = lazy(() => import('../calendars/calendarsPage.tsx'))
const CamerasPage = lazy(() => import('../cameras/camerasPage.tsx'))
const CoveragePage = lazy(() => import('../coverage/coveragePage.tsx'))
const DevicesPage = lazy(() => import('../devices/devicesPage.tsx'))
const HealthPage = lazy(() => import('../health/healthPage.tsx'))

const PAGES = { cases: CasesPage, rules: RulesPage, calendars: CalendarsPage, cameras: CamerasPage, coverage: CoveragePage, devices: DevicesPage, health: HealthPage } as const

export function Shell(): ReactNode {
  const { route, go } = usePage()
  const page = useStore(route, (at) => at.page)
  const address = useStore(route, pathOf)
  const Other = page === 'map' ? undefined : PAGES[page]
  const toMap = (): void => go({ page: 'map', alert: null })
  return (
    <Workbench>
      <div className="shell">
        <Boundary>
          <Header />
        </Boundary>
        <Boundary>
          <Heralds />
          <Help />
        </Boundary>
        {/* The map stays alive behind the other pages: coming back costs nothing. */}
        <div className="watch" hidden={page !== 'map'}>
          <Boundary>
            <AlertList />
          </Boundary>
          <Boundary>
            <Suspense fallback={<div className="map" data-testid="map" data-loaded="false" />}>
              <MapView />
            </Suspense>
          </Boundary>
          <Boundary of={address} leave={toMap}>
            <AlertPanel />
          </Boundary>
        </div>
        {Other && (
          <main className="sheet">
            <Boundary of={address} leave={toMap}>
              <Suspense fallback={<Spin className="sheet-wait" />}>
                <Other />
              </Suspense>
            </Boundary>
          </main>
        )}
      </div>
    </Workbench>
  )
}
