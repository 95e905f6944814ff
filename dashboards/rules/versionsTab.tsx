import { Button, Segmented } from 'antd'
import { type ReactNode, useState } from 'react'
import { type RuleVersion, rules } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime, fullTime } from '../i18n/times.ts'
import { useNow } from '../shell/page.ts'
import { useBench } from './bench.ts'
import { DiffView } from './diffView.tsx'
import { readUnified } from './lineDiff.ts'
import { PutBack } from './putBack.tsx'

/** Every save, who and why, what it changed, and the way back to it. */
export function VersionsTab(): ReactNode {
  const { versions } = useBench()
  const [chosen, setChosen] = useState<number | null>(null)
  const version = versions.find((one) => one.version === chosen) ?? versions[0]
  return (
    <div className="versions">
      <ol className="versions-list">
        {versions.map((one) => (
          <li key={one.version}>
            <VersionRow version={one} chosen={one === version} choose={() => setChosen(one.version)} />
          </li>
        ))}
      </ol>
      {version && <VersionDetail key={version.version} version={version} />}
    </div>
  )
}

function VersionRow({ version: { version, state, areas, author, at, note }, chosen, choose }: { version: RuleVersion; chosen: boolean; choose: () => void }): ReactNode {
  const { word, language, t } = useWords()
  const now = useNow(60_000)
  return (
    <button type="button" className="version-row" aria-current={chosen} data-testid={`version-${version}`} onClick={choose}>
      <span className="version-line">
        <b>v{version}</b>{' '}
        {state !== 'draft' && <span className={`standing standing-${areas ? 'trial' : state}`}>{areas ? t('rule.trialIn', { n: areas.length }) : word('ruleState', state)}</span>}
        <span className="muted version-when" title={fullTime(at)}>
          {clockTime(at, now, language)}
        </span>
      </span>
      <span className="version-line">
        {author} <span className="muted version-note">{note}</span>
      </span>
    </button>
  )
}

function VersionDetail({ version }: { version: RuleVersion }): ReactNode {
  const { t, name } = useWords()
  const { id, live, mayEdit, open, dirty, from, versions } = useBench()
  const comparable = live !== undefined && live.version !== version.version
  const [against, setAgainst] = useState<'before' | 'live'>('before')
  const [asking, setAsking] = useState(false)
  const compare = comparable ? against : 'before'
  const diff = useLoad(`${id} ${version.version} ${compare} ${live?.version}`, (signal) =>
    compare === 'live' && live ? rules.diff(id, live.version, version.version, signal) : rules.diff(id, version.version, undefined, signal),
  )
  return (
    <section className="version-detail">
      <div className="version-acts">
        <Segmented
          size="small"
          value={compare}
          options={[
            { value: 'before', label: t('version.againstBefore') },
            { value: 'live', label: t('version.againstLive', { version: live?.version ?? '' }), disabled: !comparable },
          ]}
          onChange={setAgainst}
        />
        {mayEdit && (
          <>
            <Button size="small" disabled={dirty || from?.version === version.version} onClick={() => open(version)}>
              {t('version.edit')}
            </Button>
            <Button size="small" type="primary" data-testid="btn-put-back" disabled={version.state === 'live' && version.areas === null} onClick={() => setAsking(true)}>
              {t(live && version.version < live.version ? 'version.putBack' : 'rule.toLiveNow')}
            </Button>
          </>
        )}
      </div>
      {version.note !== '' && <blockquote>{version.note}</blockquote>}
      {diff.problem && <ProblemNote problem={diff.problem} again={diff.again} />}
      {diff.value && (
        <>
          <p className="diff-sentence">{diff.value.from === 0 ? t('version.first') : name(diff.value.sentence)}</p>
          <DiffView lines={readUnified(diff.value.text)} />
        </>
      )}
      <Moves version={version} />
      {asking && <PutBack version={version} versions={versions} close={() => setAsking(false)} />}
    </section>
  )
}

function Moves({ version: { moves, base, baseOutdated, why } }: { version: RuleVersion }): ReactNode {
  const { t, word } = useWords()
  return (
    <>
      {baseOutdated && base !== null && <p className="warn">{t('version.baseOutdated')}</p>}
      {why !== '' && <p className="warn">{why}</p>}
      <h4>{t('version.moves')}</h4>
      <ol className="moves">
        {moves.toReversed().map(({ at, by, state, areas, note }) => (
          <li key={`${at}${state}`}>
            <time dateTime={at}>{fullTime(at)}</time> <b>{word('ruleState', state)}</b> {areas && <span>{areas.join(', ')}</span>} <span className="muted">{word('by', by)}</span>
            {note !== '' && <span className="note">{note}</span>}
          </li>
        ))}
      </ol>
    </>
  )
}
