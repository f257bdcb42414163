import type { Route } from './route.ts'

const PAGES: Readonly<Record<Exclude<Route['page'], 'resource' | 'site'>, string>> = {
  lanes: 'Timeline',
  network: 'Network',
  listeners: 'Listeners',
  connectors: 'Connectors',
  sites: 'Sites',
  audit: 'Audit',
  login: 'Sign in',
  unknown: 'No such page',
}

const wordsOf = (route: Route): string => {
  if (route.page === 'resource') return `${route.kind} ${route.name} in ${route.namespace}`
  return route.page === 'site' ? `Site of ${route.namespace}` : PAGES[route.page]
}

/** What the tab and the history of the browser call a page. */
export const titleOf = (route: Route): string => `${wordsOf(route)} – Hark`
