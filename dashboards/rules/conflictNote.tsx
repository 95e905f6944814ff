import { Alert, Button } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { fullTime } from '../i18n/times.ts'
import { useBench } from './bench.ts'
import { DiffView } from './diffView.tsx'
import { lineDiff, mergeTexts } from './lineDiff.ts'

/** Somebody saved while this text was edited: what they changed, what is changed here, and the ways on. Nothing is lost by any of them. */
export function ConflictNote(): ReactNode {
  const { t } = useWords()
  const { newer, from, draft, setDraft } = useBench()
  const theirs = newer[0]
  if (!theirs) return null
  const base = from?.source ?? ''
  const merged = mergeTexts(base, draft.text, theirs.source)
  const goOn = (text: string): void => setDraft({ from: theirs.version, newest: theirs.version, text })
  return (
    <Alert
      className="conflict"
      data-testid="conflict"
      type="warning"
      showIcon
      title={t('conflict.title', { author: theirs.author, version: theirs.version, time: fullTime(theirs.at) })}
      description={
        <>
          {theirs.note !== '' && <p>“{theirs.note}”</p>}
          <div className="conflict-sides">
            <section>
              <h4>{t('conflict.theirs', { author: theirs.author })}</h4>
              <DiffView lines={lineDiff(base, theirs.source)} />
            </section>
            <section>
              <h4>{t('conflict.mine')}</h4>
              <DiffView lines={lineDiff(base, draft.text)} />
            </section>
          </div>
          <div className="conflict-acts">
            {merged === undefined ? (
              <span className="muted">{t('conflict.overlap')}</span>
            ) : (
              <Button type="primary" data-testid="btn-merge" onClick={() => goOn(merged)}>
                {t('conflict.merge')}
              </Button>
            )}
            <Button onClick={() => goOn(draft.text)}>{t('conflict.keepMine')}</Button>
            <Button danger onClick={() => goOn(theirs.source)}>
              {t('conflict.takeTheirs')}
            </Button>
          </div>
        </>
      }
    />
  )
}
