import type { AuditAction } from '../api/generated.ts'
import { namespaces, namespacesWith } from '../api/viewer.ts'

export interface AuditFilter {
  readonly actor: string
  readonly resource: string
  readonly namespace: string
  readonly action: AuditAction | ''
}

export const NO_AUDIT_FILTER: AuditFilter = { actor: '', resource: '', namespace: '', action: '' }

const ACTIONS: readonly (readonly [AuditAction | '', string])[] = [
  ['', 'All actions'],
  ['create', 'Created'],
  ['update', 'Changed'],
  ['delete', 'Deleted'],
  ['refuse', 'Rejected'],
  ['open', 'Opened by a router'],
  ['fail', 'Failed at a router'],
  ['drift', 'Altered at a router'],
  ['connect', 'Router connected'],
  ['lose', 'Router lost'],
]

interface Properties {
  readonly filter: AuditFilter
  readonly onFilter: (filter: AuditFilter) => void
}

export const AuditFilters = ({ filter, onFilter }: Properties) => (
  <form class="audit-filters" aria-label="Entries" onSubmit={event => event.preventDefault()}>
    <input
      type="search"
      aria-label="Actor"
      placeholder="Actor"
      onChange={event => onFilter({ ...filter, actor: event.currentTarget.value.trim() })}
    />
    <input
      type="search"
      aria-label="Resource"
      placeholder="Resource"
      onChange={event => onFilter({ ...filter, resource: event.currentTarget.value.trim() })}
    />
    <select
      aria-label="Namespace"
      value={filter.namespace}
      onChange={event => onFilter({ ...filter, namespace: event.currentTarget.value })}
    >
      <option value="">All namespaces</option>
      {(namespacesWith('audit') ?? namespaces.value).map(name => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
    <select
      aria-label="Action"
      value={filter.action}
      onChange={event => onFilter({ ...filter, action: event.currentTarget.value as AuditFilter['action'] })}
    >
      {ACTIONS.map(([action, words]) => (
        <option key={action} value={action}>
          {words}
        </option>
      ))}
    </select>
  </form>
)
