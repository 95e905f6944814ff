/** Sent on the window when somebody asks to see the open alert's place again; the map answers. */
export const LOCATE = 'wanglou:locate'

export function locate(): void {
  window.dispatchEvent(new Event(LOCATE))
}
