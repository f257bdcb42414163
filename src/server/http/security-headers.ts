/** A year, as browsers ask for before they take it for granted. */
const HSTS_SECONDS = 31_536_000

/**
 * What every answer tells browsers: to take its type as it is told, to show it in no frame, to keep no copy of it, and to
 * tell nobody else where it was. GraphiQL brings its scripts and styles in its page and fetches from this server alone.
 */
export const securityHeaders = (isTls: boolean): Readonly<Record<string, string>> => ({
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  ...(isTls && { 'strict-transport-security': `max-age=${HSTS_SECONDS}` }),
})
