import type { ReactNode } from 'react'
import { usePage } from '../shell/page.ts'
import { useStore } from '../state/store.ts'
import { CameraBench } from './cameraBench.tsx'
import { CameraList } from './cameraList.tsx'
import '../shell/bench.css'
import './cameras.css'

/** What the cameras look for and where: the list, or the still of one with its zones. */
export default function CamerasPage(): ReactNode {
  const camera = useStore(usePage().route, (route) => (route.page === 'cameras' ? route.camera : null))
  return camera === null ? <CameraList /> : <CameraBench key={camera} id={camera} />
}
