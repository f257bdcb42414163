import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { AsOf } from '../components/as-of.tsx'
import { countWords } from '../components/count-words.ts'
import type { SiteRow } from '../sites/load-sites.ts'
import { useSites } from '../sites/load-sites.ts'
import { LatestEvents } from './latest-events.tsx'
import { useEndpoints } from './load-network.ts'
import { layoutNetwork, type NetworkEndpoints, searchNetwork } from './network-layout.ts'
import { SiteGroup } from './site-group.tsx'
import { TieLegend, Ties } from './ties.tsx'

const NOTHING: NetworkEndpoints = { listeners: [], connectors: [] }

const summary = (sites: readonly SiteRow[], { listeners, connectors }: NetworkEndpoints): string => {
  const connected = sites.filter(({ router }) => router.connection === 'Connected').length
  const ready = listeners.filter(({ status }) => status === 'Ready').length
  return [
    countWords(sites.length, 'site'),
    `${countWords(connected, 'router')} connected`,
    `${countWords(listeners.length, 'listener')}, ${ready} Ready`,
    countWords(connectors.length, 'connector'),
  ].join(' · ')
}

export const NetworkPage = () => {
  const search = useSignal('')
  const toggled = useSignal<ReadonlySet<string>>(new Set())
  const hovered = useSignal<string | undefined>(undefined)
  const sites = useSites().value
  const endpoints = useEndpoints().value
  const all = endpoints.data ?? NOTHING
  const layout = useMemo(() => {
    const names = new Map(sites.data?.map(({ metadata: { namespace, name } }) => [namespace, name]))
    const found = searchNetwork(all.listeners, all.connectors, names, search.value)
    return layoutNetwork(found.listeners, found.connectors, found.sites, toggled.value)
  }, [all, sites.data, search.value, toggled.value])
  const siteOf = (namespace: string) => sites.data?.find(({ metadata }) => metadata.namespace === namespace)
  const toggle = (namespace: string): void => {
    const next = new Set(toggled.peek())
    if (!next.delete(namespace)) next.add(namespace)
    toggled.value = next
  }
  const error = sites.error ?? endpoints.error
  return (
    <main class="page" id="main">
      <div class="page-head">
        <h1>Network</h1>
        {endpoints.data && sites.data && <span class="soft">{summary(sites.data, all)}</span>}
        <AsOf />
        <input
          type="search"
          aria-label="Search by site, name or routing key"
          placeholder="Site, name or routing key"
          onInput={event => {
            search.value = event.currentTarget.value
          }}
        />
      </div>
      {error && (
        <p class="notice" role="alert">
          {error.message}
        </p>
      )}
      <div class="network-columns" aria-hidden="true">
        <h3>Listeners, by namespace</h3>
        <h3>same routing key</h3>
        <h3>Connectors, by namespace</h3>
      </div>
      <div class="network" style={{ height: `${layout.height}px` }}>
        {(['listeners', 'connectors'] as const).map(side => (
          <ul
            key={side}
            class="sites"
            data-side={side}
            aria-label={side === 'listeners' ? 'Listeners by site' : 'Connectors by site'}
          >
            {layout[side].map(group => (
              <SiteGroup
                key={group.namespace}
                group={group}
                side={side}
                site={siteOf(group.namespace)}
                onToggle={toggle}
                onHover={namespace => (hovered.value = namespace)}
              />
            ))}
          </ul>
        ))}
        <Ties ties={layout.ties} height={layout.height} emphasised={hovered.value} />
      </div>
      <TieLegend ties={layout.ties} />
      {endpoints.data && layout.height === 0 && (
        <p class="empty">
          {search.value.trim() === '' ? 'There is nothing at this moment.' : 'Nothing matches the search.'}
        </p>
      )}
      <LatestEvents />
    </main>
  )
}
