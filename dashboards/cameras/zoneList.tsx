import { DeleteOutlined, PlusOutlined, RedoOutlined, UndoOutlined } from '@ant-design/icons'
import { AutoComplete, Button, Input, InputNumber } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { type Drawing, freeId, type Stroke } from './zoneDraw.ts'

/** What most zones are drawn for. */
const USUAL = 'no-parking'

/** The zones by name and type, with the steps back and forth. */
export function ZoneList({ drawing, stroke, mayEdit }: { drawing: Drawing; stroke: (stroke: Stroke) => void; mayEdit: boolean }): ReactNode {
  const { t, word } = useWords()
  const { rules } = usePage()
  const asked = [...rules.values()].flatMap(({ file }) => (file.objects ? [file.objects.zone] : []))
  const types = [...new Set([...asked, ...drawing.zones.map(({ type }) => type)])].sort()
  const usual = types.includes(USUAL) ? USUAL : (types[0] ?? USUAL)
  return (
    <section className="zones" aria-label={t('camera.zones')}>
      <div className="section-head">
        <h3>{t('camera.zones')}</h3>
        {mayEdit && (
          <span>
            <Button
              size="small"
              type="text"
              icon={<UndoOutlined />}
              aria-label={t('camera.undo')}
              title={`${t('camera.undo')} (Ctrl Z)`}
              disabled={drawing.past.length === 0}
              onClick={() => stroke({ do: 'undo' })}
            />
            <Button
              size="small"
              type="text"
              icon={<RedoOutlined />}
              aria-label={t('camera.redo')}
              title={`${t('camera.redo')} (Ctrl Shift Z)`}
              disabled={drawing.future.length === 0}
              onClick={() => stroke({ do: 'redo' })}
            />
            <Button size="small" icon={<PlusOutlined />} data-testid="btn-add-zone" onClick={() => stroke({ do: 'addZone', id: freeId(drawing.zones, usual), type: usual })}>
              {t('camera.addZone')}
            </Button>
          </span>
        )}
      </div>
      {drawing.zones.length === 0 && <p className="muted">{t('camera.noZones')}</p>}
      <ul className="zone-list">
        {drawing.zones.map(({ id, type, polygon, asset, inertia }) => (
          <li key={id} className={id === drawing.zone ? 'zone-row zone-row-chosen' : 'zone-row'}>
            <button type="button" onClick={() => stroke({ do: 'choose', zone: id })}>
              {id} <span className="muted">{t('camera.corners', { n: polygon.length })}</span>
            </button>
            <AutoComplete
              size="small"
              value={type}
              disabled={!mayEdit}
              aria-label={t('camera.zoneType')}
              options={types.map((value) => ({ value, label: word('zoneType', value) === value ? value : `${word('zoneType', value)} · ${value}` }))}
              onChange={(next) => next !== '' && stroke({ do: 'retype', zone: id, type: next })}
            />
            {id === drawing.zone && (
              <div className="zone-more">
                <label htmlFor={`zone-asset-${id}`}>
                  {t('zone.asset')}
                  <Input
                    id={`zone-asset-${id}`}
                    size="small"
                    allowClear
                    value={asset ?? ''}
                    disabled={!mayEdit}
                    onChange={({ target }) => stroke({ do: 'describe', zone: id, asset: target.value.trim() === '' ? undefined : target.value.trim(), inertia })}
                  />
                </label>
                <label htmlFor={`zone-inertia-${id}`} title={t('zone.inertiaHelp')}>
                  {t('zone.inertia')}
                  <InputNumber
                    id={`zone-inertia-${id}`}
                    size="small"
                    min={1}
                    max={100}
                    value={inertia ?? 1}
                    disabled={!mayEdit}
                    onChange={(looks) => stroke({ do: 'describe', zone: id, asset, inertia: looks ?? undefined })}
                  />
                </label>
              </div>
            )}
            {mayEdit && (
              <Button
                size="small"
                type="text"
                danger
                icon={<DeleteOutlined />}
                aria-label={t('camera.removeZone', { zone: id })}
                onClick={() => stroke({ do: 'removeZone', zone: id })}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
