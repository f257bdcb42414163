import { batch, computed, signal } from '@preact/signals'
import { type At, parseAt, parsePath } from './route.ts'

const WRITE_DELAY_MS = 150

const path = signal(location.pathname)
const search = signal(location.search)

export const route = computed(() => parsePath(path.value))
export const restored = signal(0)

export const parameter = (name: string): string | undefined => new URLSearchParams(search.value).get(name) ?? undefined

/** The moment in the address; undefined while the page shows the present. */
export const at = computed(() => parseAt(parameter('at') ?? null))
/** The page then shows the present. */
export const isInvalidAt = computed(() => parameter('at') !== undefined && at.value === undefined)

const read = (): void =>
  batch(() => {
    path.value = location.pathname
    search.value = location.search
  })

const withParameter = (query: string, name: string, value: string | undefined): string => {
  const parameters = new URLSearchParams(query)
  if (value === undefined) parameters.delete(name)
  else parameters.set(name, value)
  const text = parameters.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')
  return text === '' ? '' : `?${text}`
}

export const hrefOf = (to: string): string => (to.includes('?') ? to : `${to}${withParameter('', 'at', at.value)}`)

const withWindow = (address: string): string => {
  const [page = '', query = ''] = address.split('?')
  const isComplete = new URLSearchParams(query).has('from')
  if (isComplete) return address
  return page + withParameter(withParameter(query, 'from', parameter('from')), 'to', parameter('to'))
}

export const navigate = (to: string): void => {
  const target = withWindow(hrefOf(to))
  if (pendingWrite !== undefined) writeNow()
  history.pushState(null, '', target)
  read()
  scrollTo(0, 0)
}

let pendingWrite: ReturnType<typeof setTimeout> | undefined

/** Browsers limit how often an address may change. */
const writeSoon = (): void => {
  clearTimeout(pendingWrite)
  pendingWrite = setTimeout(writeNow, WRITE_DELAY_MS)
}

const writeNow = (): void => {
  clearTimeout(pendingWrite)
  pendingWrite = undefined
  history.replaceState(null, '', `${path.peek()}${search.peek()}`)
}

export const setParameter = (name: string, value: string | undefined): void => {
  search.value = withParameter(search.peek(), name, value)
  writeSoon()
}

/** Leaving the present adds an entry to the history, so that Back returns to it. */
export const setAt = (to: At | undefined): void => {
  const isLeaving = to !== undefined && !new URLSearchParams(search.peek()).has('at')
  if (isLeaving) {
    writeNow()
    history.pushState(null, '', location.href)
  }
  setParameter('at', to)
}

export const followLinks = (): void => {
  addEventListener('popstate', () =>
    batch(() => {
      read()
      restored.value += 1
    }),
  )
  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (link === null || event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return
    if (parsePath(link.pathname).page === 'unknown') return
    event.preventDefault()
    navigate(`${link.pathname}${link.search}`)
  })
}
