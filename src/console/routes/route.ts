export type Route =
  | { readonly page: 'lanes' | 'network' | 'listeners' | 'connectors' | 'sites' | 'audit' | 'login' | 'unknown' }
  | { readonly page: 'listener' | 'connector'; readonly namespace: string; readonly name: string }

export type At = string

const PLAIN_PAGES = ['network', 'listeners', 'connectors', 'sites', 'audit', 'login'] as const

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

export const parsePath = (path: string): Route => {
  const segments = path.split('/').filter(segment => segment !== '')
  const [page, namespace, name] = segments.map(decoded)
  if (segments.length === 0) return { page: 'lanes' }
  const plain = PLAIN_PAGES.find(each => each === page)
  if (segments.length === 1 && plain !== undefined) return { page: plain }
  if (segments.length === 3 && namespace !== undefined && name !== undefined) {
    if (page === 'listeners') return { page: 'listener', namespace, name }
    if (page === 'connectors') return { page: 'connector', namespace, name }
  }
  return { page: 'unknown' }
}

export const resourcePath = (kind: 'listeners' | 'connectors', namespace: string, name: string): string =>
  `/${kind}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`

const POSITION = /^\d{16}$/
/** RFC 3339, as the API demands. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

export const isPosition = (at: At): boolean => POSITION.test(at)

/** @returns undefined without a valid moment */
export const parseAt = (text: string | null): At | undefined => {
  if (text === null) return undefined
  if (/^\d{1,16}$/.test(text)) return text.padStart(16, '0')
  return TIME.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined
}

export const momentOf = (at: At | undefined): { readonly position: string } | { readonly time: string } | undefined => {
  if (at === undefined) return undefined
  return isPosition(at) ? { position: at } : { time: at }
}
