/** What every answer says, whatever it is. */
export const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // `no-referrer` would make browsers send `Origin: null` with forms, which is how changes are told from forgeries.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
}

/** For data: should a browser ever show it as a page, that page may do nothing. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

/**
 * For the page. MapLibre starts its workers from blobs and draws pictures from them, Ant Design writes its styles at run time;
 * tiles come from the configured host. Everything else is our own.
 */
export function pagePolicy(tileUrl: string | null): string {
  const tiles = tileHost(tileUrl)
  return [
    "default-src 'self'",
    "script-src 'self'",
    "worker-src 'self' blob:",
    "child-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' blob: data:${tiles}`,
    `connect-src 'self'${tiles}`,
    "media-src 'self' blob:",
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** ` https://host` of a tile template; `{s}` in the host stands for any of its names. Empty for none, or for one of our own paths. */
function tileHost(tileUrl: string | null): string {
  const [, scheme, host] = /^(https?):\/\/([A-Za-z0-9.{}:-]+)/.exec(tileUrl ?? '') ?? []
  return scheme && host ? ` ${scheme}://${host.replace(/^\{[^}]*\}/, '*')}` : ''
}
