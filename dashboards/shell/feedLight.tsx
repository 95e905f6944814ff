import { Button, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { city } from '../api/client.ts'
import { useProblemText } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { useStore } from '../state/store.ts'
import { useNow, usePage } from './page.ts'

/** Is what I see true? The feed's state in words and colour, and the platform's own health beside it. */
export function FeedLight(): ReactNode {
  const { t } = useWords()
  const { live } = usePage()
  const feed = useStore(live.state, (state) => state.feed)
  const now = useNow(1000)
  const wait = feed.state === 'down' ? Math.max(0, Math.ceil((feed.nextTry - now) / 1000)) : 0
  return (
    <div className="lights" role="status">
      <span className={`light light-${feed.state}`} data-testid="feed-state" data-state={feed.state === 'live' ? 'live' : 'down'}>
        {feed.state === 'down' ? t('feed.down', { s: wait }) : t(`feed.${feed.state}`)}
      </span>
      <LoadTrouble />
      <HealthLight />
    </div>
  )
}

function LoadTrouble(): ReactNode {
  const { t } = useWords()
  const { live } = usePage()
  const failed = useStore(live.state, (state) => state.failed)
  const text = useProblemText()
  if (!failed) return null
  return (
    <Tooltip title={text(failed).description}>
      <Button danger size="small" onClick={live.reload}>
        {t('error.reload')}
      </Button>
    </Tooltip>
  )
}

function HealthLight(): ReactNode {
  const { t, word } = useWords()
  const { go } = usePage()
  const minute = useNow(30_000)
  const { last, problem } = useLoad(`health ${minute}`, city.health)
  // To those who may not see the report the platform says with 503 alone that it fails.
  const status = problem ? (problem.status === 503 ? 'failing' : 'unknown') : last?.status
  if (status === undefined || status === 'ok') return null
  return (
    <Button danger size="small" onClick={() => go({ page: 'health' })}>
      {t('page.health')}: {word('health', status)}
    </Button>
  )
}
