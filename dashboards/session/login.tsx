import { Button, Input } from 'antd'
import { type FormEvent, type ReactNode, useState } from 'react'
import { session } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { LanguageSwitch } from '../shell/languageSwitch.tsx'
import type { Prefs } from '../shell/prefs.ts'
import type { Store } from '../state/store.ts'
import './login.css'

export function Login({ prefs, entered }: { prefs: Store<Prefs>; entered: () => void }): ReactNode {
  const { t } = useWords()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      await session.login(name.trim(), password)
      entered()
    } catch (thrown) {
      setProblem(problemOf(thrown))
      setBusy(false)
    }
  }
  return (
    <main className="login">
      <form className="login-card" onSubmit={(event) => void submit(event)} aria-label={t('login.title')}>
        <img src="/watchtower.svg" alt="" width={52} height={52} />
        <h1>{t('name')}</h1>
        <p className="muted">{t('login.motto')}</p>
        <label htmlFor="login-name">{t('login.name')}</label>
        <Input id="login-name" data-testid="login-name" size="large" autoComplete="username" autoFocus value={name} onChange={({ target }) => setName(target.value)} />
        <label htmlFor="login-password">{t('login.password')}</label>
        <Input.Password
          id="login-password"
          data-testid="login-password"
          size="large"
          autoComplete="current-password"
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
        {problem && <ProblemNote problem={problem} />}
        <Button data-testid="login-submit" type="primary" size="large" htmlType="submit" block loading={busy} disabled={name.trim() === '' || password === ''}>
          {t('login.submit')}
        </Button>
        <LanguageSwitch prefs={prefs} />
      </form>
    </main>
  )
}
