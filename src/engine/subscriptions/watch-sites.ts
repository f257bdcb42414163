import { kindTopic } from './change-feed.ts'
import type { SiteChange, WatchScope } from './types.ts'
import { momentOf, type RowWatch } from './watch-rows.ts'

export const sitesWatch = ({ namespace, bookmark = false }: WatchScope): RowWatch<SiteChange> => {
  const topic = kindTopic('Site', namespace)
  const rows = namespace === undefined ? { prefix: '' } : { key: namespace }
  return {
    name: `sites of ${topic}`,
    topic,
    rows: [
      { model: 'sites', table: 'sites', rows },
      { model: 'sites', table: 'undeclared', rows },
      { model: 'sites', table: 'routers', rows },
    ],
    begin: ({ sites: { sites, undeclared, routers } }, at) => {
      const siteIn = (key: string): Pick<SiteChange, 'row' | 'router'> => {
        const row = sites.get(key) ?? undeclared.get(key)
        if (row === undefined) return {}
        const router = routers.get(key)
        return { row, ...(router && { router }) }
      }
      const keys = [...sites.sortedKeys(), ...undeclared.sortedKeys()].sort()
      const watched = namespace === undefined ? keys : keys.filter(key => key === namespace)
      const first = watched.map(key => ({ ...at, namespace: key, ...siteIn(key) }))
      const end = { ...at, namespace: namespace ?? '', isBookmark: true } as const
      return {
        first: bookmark ? [...first, end] : first,
        next: changes => {
          const changed = (changes.changes.sites ?? []).filter(
            ({ table }) => table === 'sites' || table === 'undeclared' || table === 'routers',
          )
          const changedKeys = new Set(changed.map(({ key }) => key))
          return [...changedKeys]
            .filter(key => namespace === undefined || key === namespace)
            .map(key => ({ ...momentOf(changes), namespace: key, eventType: changes.event.type, ...siteIn(key) }))
        },
      }
    },
    asOf: (change, position) =>
      change.row === undefined ? change : { ...change, row: { ...change.row, asOf: position } },
  }
}
