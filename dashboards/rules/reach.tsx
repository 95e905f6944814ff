import { Checkbox, InputNumber, Radio, Select } from 'antd'
import { type ReactNode, useMemo } from 'react'
import type { Guard } from '../../domain/rule.ts'
import { city } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { usePage } from '../shell/page.ts'
import { useBench } from './bench.ts'
import { gridsOf } from './grids.ts'
import { applies } from './scope.ts'

/** Where a version goes live; null: everywhere. Anywhere it may have a guard. */
export interface Reaching {
  areas: readonly string[] | null
  guard: Guard | undefined
}

const USUAL: Guard = { alertsPerHour: 20, falseAlarmShare: 0.5, judged: 10 }

/** Everywhere, or in some districts, streets and grids first; with a guard that puts it back. */
export function Reach({ reaching: { areas, guard }, change }: { reaching: Reaching; change: (reaching: Reaching) => void }): ReactNode {
  const { t } = useWords()
  const { live } = usePage()
  const { rule } = useBench()
  // A city has tens of thousands of grids: those are offered in which the rule watches something.
  const some = areas !== null
  const grids = useMemo(() => (some ? gridsOf([...live.city.get().assets.values()].filter((asset) => applies(rule, asset))) : []), [some, live, rule])
  const { value } = useLoad(some ? 'areas' : null, async (signal) => [...(await city.areas('district', signal)).items, ...(await city.areas('street', signal)).items])
  return (
    <div className="reach">
      <Radio.Group
        value={areas === null ? 'all' : 'some'}
        options={[
          { value: 'all', label: t('rule.everywhere') },
          { value: 'some', label: t('rule.someAreas') },
        ]}
        onChange={({ target }) => change(target.value === 'all' ? { areas: null, guard } : { areas: [], guard: guard ?? USUAL })}
      />
      {areas !== null && (
        <Select
          mode="multiple"
          id="reach-areas"
          value={[...areas]}
          placeholder={t('rule.chooseAreas')}
          aria-label={t('rule.chooseAreas')}
          optionFilterProp="label"
          loading={!value}
          options={[
            ...(value ?? []).map(({ code, name, level }) => ({ value: code, label: `${level === 'street' ? '　' : ''}${name} ${code}` })),
            ...grids.map(({ id, assets }) => ({ value: id, label: `　　${t('rule.grid', { grid: id, n: assets })}` })),
          ].sort((a, b) => (a.value < b.value ? -1 : 1))}
          onChange={(codes) => change({ areas: codes, guard })}
        />
      )}
      <GuardFields guard={guard} change={(next) => change({ areas, guard: next })} />
    </div>
  )
}

function GuardFields({ guard, change }: { guard: Guard | undefined; change: (guard: Guard | undefined) => void }): ReactNode {
  const { t } = useWords()
  const { alertsPerHour, falseAlarmShare, judged } = guard ?? USUAL
  const rest = { ...(alertsPerHour !== undefined && { alertsPerHour }), ...(falseAlarmShare !== undefined && { falseAlarmShare }), judged }
  return (
    <fieldset className="guard">
      <Checkbox checked={guard !== undefined} onChange={({ target }) => change(target.checked ? USUAL : undefined)}>
        {t('rule.guard.title')}
      </Checkbox>
      {guard && (
        <>
          <label htmlFor="guard-alerts">
            {t('rule.guard.alerts')}{' '}
            <InputNumber
              id="guard-alerts"
              size="small"
              min={1}
              max={100_000}
              value={alertsPerHour ?? null}
              onChange={(value) => value && change({ ...rest, alertsPerHour: value })}
            />
          </label>
          <label htmlFor="guard-share">
            {t('rule.guard.share')}{' '}
            <InputNumber
              id="guard-share"
              size="small"
              min={0}
              max={100}
              value={falseAlarmShare === undefined ? null : Math.round(falseAlarmShare * 100)}
              suffix="%"
              onChange={(value) => value !== null && change({ ...rest, falseAlarmShare: value / 100 })}
            />
          </label>
          <label htmlFor="guard-judged">
            {t('rule.guard.judged')}{' '}
            <InputNumber id="guard-judged" size="small" min={1} max={1000} value={judged} onChange={(value) => value && change({ ...rest, judged: value })} />
          </label>
        </>
      )}
    </fieldset>
  )
}
