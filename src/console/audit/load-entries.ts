import { AuditDocument, type AuditQuery, type AuditQueryVariables } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { namespacesWith } from '../api/viewer.ts'
import { at } from '../routes/navigation.ts'
import { momentOf } from '../routes/route.ts'
import type { AuditFilter } from './audit-filters.tsx'
import { type LoadEntries, mergeEntries } from './merge-entries.ts'

export type Entry = AuditQuery['auditReport']['entries']['edges'][number]['node']

const PAGE = 500

const variablesOf = (filter: AuditFilter, namespace: string | undefined): Omit<AuditQueryVariables, 'first'> => {
  const moment = momentOf(at.peek())
  return {
    ...(moment && { to: moment }),
    ...(filter.actor !== '' && { actor: filter.actor }),
    ...(filter.resource !== '' && { resource: filter.resource }),
    ...(filter.action !== '' && { action: [filter.action] }),
    ...(namespace !== undefined && { namespace }),
  }
}

export const loadEntries = (filter: AuditFilter, most: number, stop?: AbortSignal) => {
  const namespaces = filter.namespace === '' ? (namespacesWith('audit') ?? [undefined]) : [filter.namespace]
  const loads = namespaces.map((namespace): LoadEntries<Entry> => {
    const variables = variablesOf(filter, namespace)
    return async after => {
      const page = { ...variables, first: PAGE, ...(after !== undefined && { after }) }
      const { summary, entries } = (await request(AuditDocument, page, stop)).auditReport
      const { hasNextPage, endCursor } = entries.pageInfo
      return {
        entries: entries.edges.map(({ node }) => node),
        total: summary.entries,
        next: hasNextPage ? (endCursor ?? undefined) : undefined,
      }
    }
  })
  return mergeEntries(loads, most)
}
