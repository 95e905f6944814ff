import { Empty, Input, Table } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { useWords } from '../i18n/language.tsx'
import { clockTime } from '../i18n/times.ts'
import { devicesOf } from '../map/devices.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import type { AssetState } from '../state/city.ts'

/** All cameras; those that a model looked through lately first. */
export function CameraList(): ReactNode {
  const { t, language } = useWords()
  const { go, live } = usePage()
  const places = useCity((city) => city.places)
  const now = useNow(30_000)
  const [text, setText] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `places` and the clock stand for the register, which changes with every reading
  const rows = useMemo(() => {
    const wanted = text.trim().toLowerCase()
    const all = [...live.city.get().assets.values()].filter(
      ({ kind, id, name }) => kind === 'camera' && (wanted === '' || id.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted)),
    )
    return all.sort((a, b) => (b.at || 0) - (a.at || 0) || (a.id < b.id ? -1 : 1))
  }, [places, text, now, live])
  const cameraOf = (asset: AssetState): string => devicesOf(asset)[0] ?? asset.id
  return (
    <div className="rules">
      <div className="rules-bar">
        <Input.Search allowClear className="rules-search" placeholder={t('camera.search')} aria-label={t('camera.search')} onChange={({ target }) => setText(target.value)} />
        <span className="muted">{t('camera.count', { n: rows.length })}</span>
      </div>
      <Table<AssetState>
        rowKey="id"
        size="small"
        dataSource={rows}
        pagination={{ pageSize: 50, showSizeChanger: false, hideOnSinglePage: true }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('camera.none')} /> }}
        rowClassName="rule-row"
        onRow={(asset) => ({ onClick: () => go({ page: 'cameras', camera: cameraOf(asset) }) })}
        columns={[
          {
            title: t('camera.name'),
            render: (_, asset) => (
              <>
                <PlaceLink className="rule-name" to={{ page: 'cameras', camera: cameraOf(asset) }}>
                  {asset.name || asset.id}
                </PlaceLink>
                <div className="muted rule-id">{cameraOf(asset)}</div>
              </>
            ),
          },
          { title: t('place.grid'), render: (_, { grid, area }) => grid ?? area ?? '—' },
          { title: t('place.department'), render: (_, { department }) => department ?? '—' },
          { title: t('camera.lastScene'), render: (_, { at }) => (Number.isNaN(at) ? <span className="muted">{t('camera.noScene')}</span> : clockTime(at, now, language)) },
        ]}
      />
    </div>
  )
}
