import { countWords } from '../components/count-words.ts'
import { StatusBadge } from '../components/status.tsx'
import { hrefOf } from '../routes/navigation.ts'
import { resourcePath, sitePath } from '../routes/route.ts'
import type { SiteRow } from '../sites/load-sites.ts'
import { RouterState } from '../sites/router-status.tsx'
import { type Endpoint, type Group, HEAD_PX, ROW_PX } from './network-layout.ts'

type Side = 'listeners' | 'connectors'

const EndpointRow = ({ endpoint }: { readonly endpoint: Endpoint }) => (
  <li class="endpoint" style={{ height: `${ROW_PX}px` }}>
    <StatusBadge status={endpoint.status} />
    <a href={hrefOf(resourcePath(endpoint.kind, endpoint.namespace, endpoint.name))}>{endpoint.name}</a>
    <span class="soft" title={`Routing ${endpoint.keyWords}`}>
      {endpoint.keyWords}
    </span>
    <span class="soft">port {endpoint.port}</span>
  </li>
)

interface Properties {
  readonly group: Group
  readonly side: Side
  readonly site: SiteRow | undefined
  readonly onToggle: (namespace: string) => void
  readonly onHover: (namespace: string | undefined) => void
}

export const SiteGroup = ({ group, side, site, onToggle, onHover }: Properties) => {
  const { namespace, top, endpoints, isOpen, height } = group
  const failing = endpoints.filter(({ status }) => status !== 'Ready').length
  return (
    <li
      class="site"
      style={{ top: `${top}px`, height: `${height}px` }}
      onPointerEnter={() => onHover(namespace)}
      onPointerLeave={() => onHover(undefined)}
    >
      <div class="site-head" style={{ height: `${HEAD_PX}px` }}>
        <button
          type="button"
          class="quiet"
          aria-expanded={isOpen}
          onClick={() => onToggle(namespace)}
          onFocus={() => onHover(namespace)}
          onBlur={() => onHover(undefined)}
        >
          <strong>{namespace}</strong>
          <span class="soft">{countWords(endpoints.length, side === 'listeners' ? 'listener' : 'connector')}</span>
          {failing > 0 && <span class="failing">{failing} not Ready</span>}
        </button>
        {site && (
          <a href={hrefOf(sitePath(namespace))} aria-label={`Site ${site.metadata.name} in ${namespace}`}>
            <span class="site-word">site </span>
            {site.metadata.name}
          </a>
        )}
        {site && side === 'listeners' && <RouterState {...site.router} />}
      </div>
      {isOpen && (
        <ul>
          {endpoints.map(endpoint => (
            <EndpointRow key={`${endpoint.kind} ${endpoint.name}`} endpoint={endpoint} />
          ))}
        </ul>
      )}
    </li>
  )
}
