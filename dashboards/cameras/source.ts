import type { CameraSource } from '../../domain/camera.ts'

export const SOURCES = ['none', 'rtsp', 'http', 'file', 'gateway'] as const
export type SourceSort = (typeof SOURCES)[number]

export const sortOf = (source: CameraSource | null): SourceSort => source?.type ?? 'none'

/** The source as another sort; the address stays between sorts that have one. */
export function sourceAs(sort: SourceSort, before: CameraSource | null): CameraSource | null {
  const url = before && 'url' in before ? before.url : ''
  switch (sort) {
    case 'none':
      return null
    case 'file':
      return { type: 'file', path: before?.type === 'file' ? before.path : '', loop: true, realtime: true }
    case 'gateway':
      return { type: 'gateway', gateway: before?.type === 'gateway' ? before.gateway : null }
    case 'rtsp':
    case 'http':
      return { type: sort, url: fitted(sort, url) }
  }
}

/** An address that belongs to another sort is only its host and path here. */
function fitted(sort: 'rtsp' | 'http', url: string): string {
  if (url === '') return ''
  return sort === 'rtsp' ? url.replace(/^https?:/, 'rtsp:') : url.replace(/^rtsps?:/, 'http:')
}

/** An address or path is still missing. */
export function isBare(source: CameraSource | null): boolean {
  return source !== null && source.type !== 'gateway' && (source.type === 'file' ? source.path : source.url).trim() === ''
}
