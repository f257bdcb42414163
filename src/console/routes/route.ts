const FOLDERS = {
  Listener: 'listeners',
  Connector: 'connectors',
  MultiKeyListener: 'multi-key-listeners',
} as const

export type PageKind = keyof typeof FOLDERS

export type Route =
  | { readonly page: 'lanes' | 'network' | 'listeners' | 'connectors' | 'sites' | 'audit' | 'login' | 'unknown' }
  | { readonly page: 'site'; readonly namespace: string }
  | { readonly page: 'resource'; readonly kind: PageKind; readonly namespace: string; readonly name: string }

export type At = string

const PLAIN_PAGES = ['network', 'listeners', 'connectors', 'sites', 'audit', 'login'] as const
const KINDS = Object.keys(FOLDERS) as readonly PageKind[]

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
  if (segments.length === 2 && page === 'sites' && namespace !== undefined) return { page: 'site', namespace }
  const kind = KINDS.find(each => FOLDERS[each] === page)
  if (segments.length === 3 && kind !== undefined && namespace !== undefined && name !== undefined)
    return { page: 'resource', kind, namespace, name }
  return { page: 'unknown' }
}

export const hasPage = (kind: string): kind is PageKind => KINDS.some(each => each === kind)

export const resourcePath = (kind: PageKind, namespace: string, name: string): string =>
  `/${FOLDERS[kind]}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`

export const sitePath = (namespace: string): string => `/sites/${encodeURIComponent(namespace)}`

const POSITION = /^\d{16}$/
/** RFC 3339, as the API demands. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

export const isPosition = (at: At): boolean => POSITION.test(at)

export const parseAt = (text: string | null): At | undefined => {
  if (text === null) return undefined
  if (/^\d{1,16}$/.test(text)) return text.padStart(16, '0')
  return TIME.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined
}

export const momentOf = (at: At | undefined): { readonly position: string } | { readonly time: string } | undefined => {
  if (at === undefined) return undefined
  return isPosition(at) ? { position: at } : { time: at }
}
