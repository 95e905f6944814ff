import { describe, expect, it } from 'vitest'
import { messageIn, wayOn } from './broken.ts'

describe('a part of the page that broke', () => {
  it.each([
    ['is drawn again', new TypeError("Cannot read properties of undefined (reading 'map')"), 'again'],
    ['is drawn again, whatever was thrown', 'no reason', 'again'],
    ['is read again when a release took its file away', new TypeError('Failed to fetch dynamically imported module: https://city/assets/rulesPage-1.js'), 'reload'],
    ['so in Firefox', new TypeError('error loading dynamically imported module: /assets/a.js'), 'reload'],
    ['so in Safari', new TypeError('Importing a module script failed.'), 'reload'],
    ['so with its styles', new Error('Unable to preload CSS for /assets/a.css'), 'reload'],
  ])('%s', (_, thrown, way) => {
    expect(wayOn(thrown)).toBe(way)
  })

  it('says what happened in one line', () => {
    expect(messageIn(new TypeError('x is undefined\n  at far away'))).toBe('TypeError: x is undefined')
    expect(messageIn(null)).toBe('null')
  })
})
