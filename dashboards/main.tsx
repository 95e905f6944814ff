import { createRoot } from 'react-dom/client'
import { App } from './shell/app.tsx'
import { openPrefs } from './shell/prefs.ts'
import './shell/shell.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(<App prefs={openPrefs(localStorage, matchMedia('(prefers-color-scheme: dark)').matches)} />)
