import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Prose about the layout rots unless something holds it to the tree. */
const ROOT = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

describe('documents', () => {
  it.each(pages)('%s names only paths that exist', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const named = [...text.matchAll(/`((?:domain|drivers|rules|store|inference|ingest|alerts|cases|api|gateways|app|fixtures|bench|dashboards)\/[\w./-]*)`/g)].map(
      (match) => match[1] ?? '',
    )
    const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => join(page.startsWith('docs/') ? 'docs' : '.', match[1] ?? ''))
    expect([...named, ...linked].filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })
})
