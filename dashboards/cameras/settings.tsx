import { Input, InputNumber, Select, Switch } from 'antd'
import type { ReactNode } from 'react'
import type { CameraConfig, CameraSource } from '../../domain/camera.ts'
import { roleAtLeast } from '../../domain/role.ts'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { isBare, SOURCES, sortOf, sourceAs } from './source.ts'

/** What is set of a camera besides its zones and rules. */
export type Settings = Pick<CameraConfig, 'model' | 'fps' | 'keepScore' | 'source'>

interface SettingsFormProps {
  settings: Settings
  change: (part: Partial<Settings>) => void
  mayEdit: boolean
}

/** With which model a camera is looked through, how often, what is kept; and for admins where the pictures come from. */
export function SettingsForm({ settings: { model, fps, keepScore, source }, change, mayEdit }: SettingsFormProps): ReactNode {
  const { t } = useWords()
  const { who } = usePage()
  return (
    <section className="camera-settings" aria-label={t('camera.settings')}>
      <div className="section-head">
        <h3>{t('camera.settings')}</h3>
      </div>
      <label className="algorithm-field" htmlFor="camera-model">
        <span>{t('camera.model')}</span>
        <Input
          id="camera-model"
          size="small"
          allowClear
          value={model ?? ''}
          disabled={!mayEdit}
          placeholder={t('camera.noModel')}
          onChange={({ target }) => change({ model: target.value.trim() === '' ? null : target.value.trim() })}
        />
      </label>
      <label className="algorithm-field" htmlFor="camera-fps">
        <span>{t('camera.fps')}</span>
        <InputNumber id="camera-fps" size="small" min={0.01} max={30} step={0.5} value={fps} disabled={!mayEdit} onChange={(value) => value !== null && change({ fps: value })} />
      </label>
      <label className="algorithm-field" htmlFor="camera-keep" title={t('camera.keepScoreHelp')}>
        <span>{t('camera.keepScore')}</span>
        <InputNumber
          id="camera-keep"
          size="small"
          min={0.01}
          max={1}
          step={0.05}
          value={keepScore}
          disabled={!mayEdit}
          onChange={(value) => value !== null && change({ keepScore: value })}
        />
      </label>
      {roleAtLeast(who.role, 'admin') && <SourceFields source={source} change={(next) => change({ source: next })} />}
    </section>
  )
}

/** An address that the platform connects to: admins alone see and set it. */
function SourceFields({ source, change }: { source: CameraSource | null; change: (source: CameraSource | null) => void }): ReactNode {
  const { t } = useWords()
  const LABELS = { none: t('camera.sourceNone'), rtsp: t('camera.sourceRtsp'), http: t('camera.sourceHttp'), file: t('camera.sourceFile'), gateway: t('camera.sourceGateway') }
  const status = isBare(source) ? ('error' as const) : ('' as const)
  return (
    <>
      <label className="algorithm-field" htmlFor="camera-source">
        <span>{t('camera.source')}</span>
        <Select
          id="camera-source"
          size="small"
          value={sortOf(source)}
          options={SOURCES.map((value) => ({ value, label: LABELS[value] }))}
          onChange={(sort) => change(sourceAs(sort, source))}
        />
      </label>
      {source?.type === 'gateway' && (
        <label className="algorithm-field" htmlFor="camera-gateway">
          <span>{t('camera.gateway')}</span>
          <Input
            id="camera-gateway"
            size="small"
            allowClear
            value={source.gateway ?? ''}
            placeholder={t('camera.firstGateway')}
            onChange={({ target }) => change({ ...source, gateway: target.value.trim() === '' ? null : target.value.trim() })}
          />
        </label>
      )}
      {(source?.type === 'rtsp' || source?.type === 'http') && (
        <label className="algorithm-field" htmlFor="camera-address">
          <span>{t('camera.address')}</span>
          <Input
            id="camera-address"
            size="small"
            status={status}
            value={source.url}
            placeholder={source.type === 'rtsp' ? 'rtsp://' : 'http://'}
            onChange={({ target }) => change({ ...source, url: target.value })}
          />
        </label>
      )}
      {source?.type === 'file' && (
        <>
          <label className="algorithm-field" htmlFor="camera-path">
            <span>{t('camera.path')}</span>
            <Input id="camera-path" size="small" status={status} value={source.path} onChange={({ target }) => change({ ...source, path: target.value })} />
          </label>
          <div className="camera-switches">
            <label htmlFor="camera-loop">
              <Switch id="camera-loop" size="small" checked={source.loop} onChange={(loop) => change({ ...source, loop })} /> {t('camera.loop')}
            </label>
            <label htmlFor="camera-realtime">
              <Switch id="camera-realtime" size="small" checked={source.realtime} onChange={(realtime) => change({ ...source, realtime })} /> {t('camera.realtime')}
            </label>
          </div>
        </>
      )}
    </>
  )
}
