import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react'
import type { RuleFault } from '../../domain/authoring.ts'
import { useWords } from '../i18n/language.tsx'
import { type CodeLanguage, tokensOf } from './codeTokens.ts'
import { type Completion, complete, type Suggestions, suggest } from './completion.ts'
import { CompletionList } from './completionList.tsx'
import { cutAt, offsetAt } from './places.ts'

export interface CodeAreaProps {
  value: string
  change: (text: string) => void
  language: CodeLanguage
  label: string
  readOnly: boolean
  faults: readonly RuleFault[]
  words?: readonly Completion[]
  testId?: string
}

/**
 * A text area with colours, marks under what is wrong, and a list of what may be written here. The letters lie in a layer
 * behind a transparent text area: typing, undo, selection and screen readers stay the browser's own.
 */
export function CodeArea({ value, change, language, label, readOnly, faults, words = [], testId }: CodeAreaProps): ReactNode {
  const area = useRef<HTMLTextAreaElement>(null)
  const list = useId()
  const [open, setOpen] = useState<{ found: Suggestions; chosen: number } | null>(null)
  const caret = useRef<number | null>(null)
  // React puts the caret at the end when a value comes from outside: after a choice it belongs where the author goes on.
  useLayoutEffect(() => {
    if (caret.current === null || !area.current) return
    area.current.setSelectionRange(caret.current, caret.current)
    caret.current = null
  })
  const look = (text: string, at: number, asked = false): void => {
    const found = words.length === 0 ? undefined : suggest(text, at, words, asked)
    setOpen(found ? { found, chosen: 0 } : null)
  }
  const choose = (word: Completion): void => {
    if (!open) return
    const next = complete(value, open.found, word)
    caret.current = next.caret
    setOpen(null)
    change(next.text)
    area.current?.focus()
  }
  const press = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault()
      look(value, event.currentTarget.selectionStart, true)
      return
    }
    if (!open) return
    const { items } = open.found
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const word = items[open.chosen]
    if (step !== 0) setOpen({ ...open, chosen: (open.chosen + step + items.length) % items.length })
    else if ((event.key === 'Enter' || event.key === 'Tab') && word) choose(word)
    else if (event.key === 'Escape') setOpen(null)
    else return
    event.preventDefault()
  }
  return (
    <div className={`code code-${language}${readOnly ? ' code-still' : ''}`}>
      <pre className="code-ink" aria-hidden="true">
        {tokensOf(value, language).map((token, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the text
          <span key={index} className={`ink-${token.kind}`}>
            {token.text}
          </span>
        ))}
        {'\n'}
      </pre>
      <Marks text={value} faults={faults} at={open?.found.from ?? null}>
        {open && <CompletionList id={list} found={open.found} chosen={open.chosen} choose={choose} />}
      </Marks>
      <textarea
        ref={area}
        rows={1}
        className="code-keys"
        data-testid={testId}
        aria-label={label}
        aria-invalid={faults.length > 0}
        aria-autocomplete="list"
        aria-controls={open ? list : undefined}
        aria-activedescendant={open ? `${list}-${open.chosen}` : undefined}
        spellCheck={false}
        autoCapitalize="off"
        readOnly={readOnly}
        value={value}
        onChange={({ target }) => {
          change(target.value)
          look(target.value, target.selectionStart)
        }}
        onKeyDown={press}
        onBlur={() => setOpen(null)}
        onClick={() => setOpen(null)}
      />
    </div>
  )
}

/** A layer of the same letters, unseen, that bears the marks of what is wrong and the place of the list. */
function Marks({ text, faults, at, children }: { text: string; faults: readonly RuleFault[]; at: number | null; children: ReactNode }): ReactNode {
  const ranges = faults.map((fault) => ({
    fault,
    from: offsetAt(text, fault.line, fault.column),
    to: fault.endColumn === undefined ? undefined : offsetAt(text, fault.line, fault.endColumn),
  }))
  return (
    <pre className="code-marks">
      {cutAt(text, ranges, at).map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in the text
        <span key={index} className={piece.faulty ? 'code-fault' : undefined}>
          {piece.list && <span className="code-list-place">{children}</span>}
          {piece.text}
        </span>
      ))}
      {'\n'}
    </pre>
  )
}

/** What is wrong, under the text, by line. */
/** `mild`: nothing of it keeps the text from being saved. */
export function FaultList({ faults, lines, mild = false }: { faults: readonly RuleFault[]; lines: boolean; mild?: boolean }): ReactNode {
  const { t } = useWords()
  if (faults.length === 0) return null
  return (
    <ul className={mild ? 'fault-list mild' : 'fault-list'} role={mild ? 'status' : 'alert'}>
      {faults.map(({ line, column, why }) => (
        <li key={`${line}:${column} ${why}`}>
          {lines && <code>{t('rule.atLine', { line, column })}</code>} {why}
        </li>
      ))}
    </ul>
  )
}
