import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Column } from '../components/data-table.tsx'
import { isNarrow } from '../components/narrow.ts'
import { TimeText } from '../components/time-text.tsx'
import { ResourceTable } from '../resources/resource-table.tsx'
import { hrefOf } from '../routes/navigation.ts'
import { sitePath } from '../routes/route.ts'
import { type SiteRow, useSites } from './load-sites.ts'
import { RouterState, routerWords } from './router-status.tsx'

const reachesOf = ({ reaches }: SiteRow): string => reaches.map(({ site }) => site).join(', ') || 'no other site'

/** With what a narrow table has no columns for. */
const SiteCell = (row: SiteRow) => (
  <>
    <a href={hrefOf(sitePath(row.metadata.namespace))}>{row.metadata.name}</a>
    {isNarrow.value && (
      <>
        <span class="soft below">{[row.router.id, row.router.url].filter(Boolean).join(', ')}</span>
        <span class="soft below">reaches {reachesOf(row)}</span>
      </>
    )}
  </>
)

const COLUMNS: readonly Column<SiteRow>[] = [
  { key: 'namespace', words: 'Namespace', value: ({ metadata }) => metadata.namespace },
  { key: 'name', words: 'Site', value: ({ metadata }) => metadata.name, cell: SiteCell },
  {
    key: 'connection',
    words: 'Router',
    value: ({ router }) => routerWords(router),
    cell: ({ router }) => <RouterState {...router} />,
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
