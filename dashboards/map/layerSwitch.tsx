import { Checkbox } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { LAYERS } from '../shell/prefs.ts'
import { useStore } from '../state/store.ts'

/** Which sorts of things the map shows; the choice is kept. */
export function LayerSwitch(): ReactNode {
  const { t } = useWords()
  const { prefs } = usePage()
  const layers = useStore(prefs, (state) => state.layers)
  return (
    <fieldset className="layers">
      <legend className="unseen">{t('map.layers')}</legend>
      {LAYERS.map((layer) => (
        <Checkbox key={layer} checked={layers[layer]} onChange={({ target }) => prefs.update((state) => ({ ...state, layers: { ...state.layers, [layer]: target.checked } }))}>
          <span className={`layer-dot layer-${layer}`} /> {t(`layer.${layer}`)}
        </Checkbox>
      ))}
    </fieldset>
  )
}
