import { type ReactNode, useEffect, useRef } from 'react'
import { useWords } from '../i18n/language.tsx'
import type { Completion, Suggestions } from './completion.ts'

/** What may be written at the caret; the chosen one explains itself. */
export function CompletionList({ id, found, chosen, choose }: { id: string; found: Suggestions; chosen: number; choose: (word: Completion) => void }): ReactNode {
  const { t, language, word } = useWords()
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    void list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  })
  const one = found.items[chosen]
  const help = one && (language === 'zh' && one.help.zh ? one.help.zh : one.help.en)
  return (
    <div className="completions">
      <div ref={list} id={id} className="completions-list" role="listbox" aria-label={t('rule.completions')}>
        {found.items.map((item, index) => (
          <div
            key={`${item.what} ${item.name}`}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className="completion"
            // Before the text area loses the focus.
            onMouseDown={(event) => {
              event.preventDefault()
              choose(item)
            }}
          >
            <span className={`completion-what what-${item.what}`}>{t(`word.${item.what}`)}</span>
            <span className="completion-name">{item.name}</span>
            <span className="completion-detail">
              {item.what === 'field' ? word('field', item.name) : ''} {item.detail}
            </span>
          </div>
        ))}
      </div>
      {help && <p className="completion-help">{help}</p>}
    </div>
  )
}
