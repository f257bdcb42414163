import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Column } from '../components/data-table.tsx'
import { TimeText } from '../components/time-text.tsx'
import { type SiteRow, useSites } from './load-sites.ts'
import { ResourceTable } from './resource-table.tsx'
import { routerStatus } from './router-status.ts'

const RouterState = ({ router }: Pick<SiteRow, 'router'>) => (
  <span class="status" data-status={routerStatus(router) ?? 'Absent'}>
    <i aria-hidden="true">{router.connection === 'Connected' ? '●' : router.connection === 'Connecting' ? '◐' : '–'}</i>
    {router.connection}
  </span>
)

const reachesOf = ({ reaches }: SiteRow): string => reaches.map(({ site }) => site).join(', ') || 'no other site'

/** With what a narrow table has no columns for. */
const SiteCell = (row: SiteRow) => (
  <>
    {row.metadata.name}
    <span class="soft narrow">{[row.router.id, row.router.url].filter(Boolean).join(', ')}</span>
    <span class="soft narrow">reaches {reachesOf(row)}</span>
  </>
)

const COLUMNS: readonly Column<SiteRow>[] = [
  { key: 'namespace', words: 'Namespace', value: ({ metadata }) => metadata.namespace },
  { key: 'name', words: 'Site', value: ({ metadata }) => metadata.name, cell: SiteCell },
  {
    key: 'connection',
    words: 'Router',
    value: ({ router }) => router.connection,
    cell: ({ router }) => <RouterState router={router} />,
  },
  {
    key: 'since',
    words: 'Since',
    value: ({ router }) => router.since,
    cell: ({ router }) => <TimeText time={router.since} />,
    isMinor: true,
  },
  { key: 'id', words: 'Router id', value: ({ router }) => router.id ?? '', isMinor: true },
  { key: 'url', words: 'URL', value: ({ router }) => router.url ?? '', isMinor: true },
  {
    key: 'reaches',
    words: 'Reaches connectors at',
    value: reachesOf,
    isMinor: true,
  },
  {
    key: 'message',
    words: 'Message',
    value: ({ router }) => (router.connection === 'Connected' ? '' : router.message),
    isMinor: true,
  },
]

export const SitesPage = () => {
  const namespace = useSignal('')
  const { data, error } = useSites().value
  const nodes = useMemo(
    () => data?.filter(({ metadata }) => namespace.value === '' || metadata.namespace === namespace.value),
    [data, namespace.value],
  )
  return (
    <ResourceTable
      title="Sites"
      columns={COLUMNS}
      result={{ data: nodes && { nodes, total: nodes.length }, error }}
      keyOf={({ metadata }) => metadata.namespace}
      namespace={namespace}
    />
  )
}
