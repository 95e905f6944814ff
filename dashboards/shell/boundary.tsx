import { Alert, Button } from 'antd'
import { Component, type ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import { messageIn, wayOn } from './broken.ts'

interface BoundaryProps {
  /** Another value (another alert, another page) is drawn afresh. */
  of?: string
  /** A way out of the broken part, where there is one besides drawing it again. */
  leave?: (() => void) | undefined
  children: ReactNode
}

interface BoundaryState {
  of: string | undefined
  thrown: { what: unknown } | null
}

/** Holds what breaks inside: that part says what happened and how to go on, the rest of the page goes on by itself. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { of: this.props.of, thrown: null }

  static getDerivedStateFromError(what: unknown): Partial<BoundaryState> {
    return { thrown: { what } }
  }

  static getDerivedStateFromProps({ of }: BoundaryProps, state: BoundaryState): Partial<BoundaryState> | null {
    return of === state.of ? null : { of, thrown: null }
  }

  override render(): ReactNode {
    const { thrown } = this.state
    if (!thrown) return this.props.children
    return <Broken thrown={thrown.what} again={() => this.setState({ thrown: null })} leave={this.props.leave} />
  }
}

function Broken({ thrown, again, leave }: { thrown: unknown; again: () => void; leave: (() => void) | undefined }): ReactNode {
  const { t } = useWords()
  const way = wayOn(thrown)
  return (
    <Alert
      className="broken"
      data-testid="broken"
      type="error"
      showIcon
      title={t(way === 'reload' ? 'broken.newRelease' : 'broken.title')}
      description={
        <>
          <p className="broken-what">{messageIn(thrown)}</p>
          <div className="broken-ways">
            <Button size="small" type="primary" onClick={way === 'reload' ? () => location.reload() : again}>
              {t(way === 'reload' ? 'broken.reload' : 'error.again')}
            </Button>
            {leave && (
              <Button size="small" onClick={leave}>
                {t('broken.leave')}
              </Button>
            )}
          </div>
        </>
      }
    />
  )
}
