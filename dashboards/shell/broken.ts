/** What helps against a part of the page that broke: to draw it again, or to read the page again. */
export type WayOn = 'again' | 'reload'

/**
 * A release that came while the page was open took the files away that parts of it are read from; drawing the part again
 * would ask for the same file, and React keeps the refusal.
 */
const FILE_GONE = /dynamically imported module|importing a module script failed|error loading dynamically|unable to preload/i

export function wayOn(thrown: unknown): WayOn {
  return FILE_GONE.test(messageIn(thrown)) ? 'reload' : 'again'
}

/** One line that whoever mends it can search for. */
export function messageIn(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return text.split('\n')[0]?.slice(0, 300) ?? ''
}
