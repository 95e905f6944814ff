import { ArrowLeftOutlined } from '@ant-design/icons'
import { App, Button, Skeleton } from 'antd'
import { type ReactNode, useReducer, useState } from 'react'
import type { Algorithm } from '../../domain/camera.ts'
import { roleAtLeast } from '../../domain/role.ts'
import { type CameraRow, cameras } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { useCity, usePage } from '../shell/page.ts'
import { AlgorithmList } from './algorithmList.tsx'
import { boundRules } from './bindings.ts'
import { CalibrationForm } from './calibrationForm.tsx'
import { PinCanvas } from './pinCanvas.tsx'
import { calibrationOf, newPins, prick } from './pins.ts'
import { type Settings, SettingsForm } from './settings.tsx'
import { isBare } from './source.ts'
import { StillStage } from './stillStage.tsx'
import { useLooks } from './useLooks.ts'
import { askOf } from './wouldCount.ts'
import { draw, newDrawing } from './zoneDraw.ts'
import { ZoneList } from './zoneList.tsx'

/** Where a camera's thresholds are edited: on its picture. */
export function CameraBench({ id }: { id: string }): ReactNode {
  const [turn, setTurn] = useState(0)
  const camera = useLoad(`camera ${id} ${turn}`, (signal) => cameras.one(id, signal))
  if (camera.problem) return <ProblemNote problem={camera.problem} again={camera.again} />
  return camera.value ? <Opened key={`${turn} ${camera.value.version}`} camera={camera.value} reload={() => setTurn((count) => count + 1)} /> : <Skeleton active />
}

function Opened({ camera, reload }: { camera: CameraRow; reload: () => void }): ReactNode {
  const { who, rules } = usePage()
  const mayEdit = roleAtLeast(who.role, 'author')
  const [saved, setSaved] = useState(camera)
  const [drawing, stroke] = useReducer(draw, camera.zones, newDrawing)
  const [algorithms, setAlgorithms] = useState<Algorithm[] | null>(camera.algorithms)
  const [chosen, setChosen] = useState<string | null>(null)
  const [settings, setSettings] = useState<Settings>(() => settingsOf(camera))
  const [pins, setPin] = useReducer(prick, camera.calibration, newPins)
  const [calibrating, setCalibrating] = useState(false)
  const edited: CameraRow = { ...saved, ...settings, zones: [...drawing.zones], algorithms, calibration: calibrationOf(pins) }
  const dirty = JSON.stringify(partsOf(saved)) !== JSON.stringify(partsOf(edited))
  const bound = boundRules(algorithms, [...rules.values()])
  const active = bound.find(({ rule }) => rule.id === chosen) ?? bound[0]
  const ask = active ? askOf(active.rule, active.binding, drawing.zones) : null
  const looks = useLooks(camera.id)
  return (
    <div className="camera-bench" data-testid="camera-bench" data-dirty={dirty}>
      <Head camera={edited} before={saved} dirty={dirty} mayEdit={mayEdit} saved={setSaved} reload={reload} />
      <StillStage
        camera={camera.id}
        drawing={drawing}
        stroke={stroke}
        looks={looks}
        ask={ask}
        mayEdit={mayEdit}
        instead={calibrating ? (aspect) => <PinCanvas aspect={aspect} pins={pins} prick={setPin} /> : undefined}
      />
      <aside className="camera-side">
        <ZoneList drawing={drawing} stroke={stroke} mayEdit={mayEdit} />
        <AlgorithmList
          algorithms={algorithms}
          setAlgorithms={setAlgorithms}
          zones={drawing.zones}
          looks={looks.all}
          active={active?.rule.id ?? null}
          choose={setChosen}
          mayEdit={mayEdit}
        />
        <CalibrationForm camera={camera.id} pins={pins} prick={setPin} open={calibrating} setOpen={setCalibrating} mayEdit={mayEdit} />
        <SettingsForm settings={settings} change={(part) => setSettings((now) => ({ ...now, ...part }))} mayEdit={mayEdit} />
      </aside>
    </div>
  )
}

const settingsOf = ({ model, fps, keepScore, source }: CameraRow): Settings => ({ model, fps, keepScore, source })
const partsOf = (camera: CameraRow): unknown => [camera.zones, camera.algorithms, camera.calibration, settingsOf(camera)]

/** What is sent: all that was read, also what this page has no field for; the source only when it was changed, which only admins can. */
function configOf({ id: _id, status: _status, source, ...config }: CameraRow, before: CameraRow): Parameters<typeof cameras.save>[1] {
  const changed = JSON.stringify(source) !== JSON.stringify(before.source)
  return { ...config, version: before.version, ...(changed && { source }) }
}

interface HeadProps {
  camera: CameraRow
  /** As it was read or saved last. */
  before: CameraRow
  dirty: boolean
  mayEdit: boolean
  saved: (camera: CameraRow) => void
  reload: () => void
}

function Head({ camera, before, dirty, mayEdit, saved, reload }: HeadProps): ReactNode {
  const { t } = useWords()
  const { go } = usePage()
  const { message } = App.useApp()
  const name = useCity((city) => city.assets.get(camera.id)?.name)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const save = async (version: number): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const kept = await cameras.save(camera.id, { ...configOf(camera, before), version })
      saved(kept)
      void message.success(t('camera.saved', { version: kept.version }))
    } catch (thrown) {
      setProblem(problemOf(thrown))
    } finally {
      setBusy(false)
    }
  }
  const keepMine = async (): Promise<void> => {
    const theirs = await cameras.one(camera.id).catch(() => undefined)
    if (theirs) await save(theirs.version)
  }
  return (
    <header className="camera-head">
      <div className="bench-head">
        <Button type="text" icon={<ArrowLeftOutlined />} aria-label={t('camera.back')} title={t('camera.back')} onClick={() => go({ page: 'cameras', camera: null })} />
        <div className="bench-title">
          <h2>{name || camera.id}</h2>
          <span className="muted rule-id">
            {camera.id} · v{camera.version}
          </span>
        </div>
        {mayEdit ? (
          <span className="dock-acts">
            <Button disabled={!dirty} onClick={reload}>
              {t('rule.discard')}
            </Button>
            <Button type="primary" data-testid="btn-save-camera" disabled={!dirty || isBare(camera.source)} loading={busy} onClick={() => void save(camera.version)}>
              {t('camera.save')}
            </Button>
          </span>
        ) : (
          <span className="muted">{t('rule.readOnly')}</span>
        )}
      </div>
      {problem && <ProblemNote problem={problem} />}
      {problem?.code === 'version.stale' && (
        <div className="conflict-acts">
          <Button onClick={() => void keepMine()}>{t('camera.keepMine')}</Button>
          <Button danger onClick={reload}>
            {t('conflict.takeTheirs')}
          </Button>
        </div>
      )}
    </header>
  )
}
