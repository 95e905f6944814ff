import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import type express from 'express'
import type { RequestHandler } from 'express'
import { CodedError } from '../domain/errors.ts'
import { pagePolicy } from './headers.ts'

/**
 * The built page: its files, and index.html for every other path, because the page finds its own way from there.
 * Files below assets/ bear a hash of their content in their names and are kept for a year; the rest is asked for again.
 */
export function page(serveFiles: typeof express.static, staticDir: string, tileUrl: () => string | null): RequestHandler[] {
  const index = join(staticDir, 'index.html')
  const hashed = join(staticDir, 'assets') + sep
  const policy: RequestHandler = (_request, response, next) => {
    response.setHeader('content-security-policy', pagePolicy(tileUrl()))
    next()
  }
  const files = serveFiles(staticDir, {
    index: false,
    redirect: false,
    setHeaders: (response, path) => void response.setHeader('cache-control', path.startsWith(hashed) ? 'public, max-age=31536000, immutable' : 'no-cache'),
  })
  const anyPath: RequestHandler = (request, response, next) => {
    const asksForPage = (request.method === 'GET' || request.method === 'HEAD') && !/\.\w+$/.test(request.path)
    // A missing script answered with a page would be a riddle in the browser's console.
    if (!asksForPage) return next()
    if (!existsSync(index)) return next(new CodedError('not_found', 'The page has not been built: run npm run build.'))
    response.setHeader('cache-control', 'no-cache')
    // Relative to its folder: of an absolute path every folder that begins with a dot would hide the file.
    response.sendFile('index.html', { root: staticDir })
  }
  return [policy, files, anyPath]
}
