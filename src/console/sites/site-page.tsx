import { useEffect } from 'preact/hooks'
import { SiteDetailDocument, type SiteDetailQuery } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { AsOf } from '../components/as-of.tsx'
import { countWords } from '../components/count-words.ts'
import { TimeText } from '../components/time-text.tsx'
import { CurrentSpan } from '../events/current-span.tsx'
import { ROUTER_TYPES, SITE_TYPES } from '../events/event-scope.ts'
import { useResourceEvents } from '../events/resource-events.ts'
import type { StatusChanges } from '../events/status-changes.ts'
import { ResourceTimeline } from '../lanes/resource-timeline.tsx'
import { EventsCard } from '../resources/current-event.tsx'
import { Facts } from '../resources/facts.tsx'
import { settingsText } from '../resources/settings-text.ts'
import { at, hrefOf } from '../routes/navigation.ts'
import { momentOf, sitePath } from '../routes/route.ts'
import { version } from '../time/log.ts'
import { stepThrough } from '../timebar/keyboard.ts'
import { type SiteRow, useSites } from './load-sites.ts'
import { RouterState } from './router-status.tsx'
import { SiteResources } from './site-resources.tsx'

/** Of each kind. */
const MOST_RESOURCES = 100

interface RouterProperties {
  readonly router: SiteRow['router']
  readonly changes: StatusChanges | undefined
}

const Router = ({ router, changes }: RouterProperties) => (
  <section class="card">
    <h2>Router</h2>
    <p>
      <RouterState {...router} />{' '}
      {router.connection !== 'Detached' && <CurrentSpan status={router.laneStatus} changes={changes} />}
    </p>
    {router.connection !== 'Connected' && router.message !== router.connection && <p>{router.message}</p>}
    <Facts
      facts={[
        ['Id', router.id],
        ['URL', router.url],
      ]}
    />
  </section>
)

interface SiteProperties {
  readonly site: SiteRow
  readonly detail: SiteDetailQuery['sites'][number] | undefined
}

const Site = ({ site: { metadata }, detail }: SiteProperties) => (
  <section class="card">
    <h2>Site</h2>
    <Facts
      facts={[
        ['Name', metadata.name],
        ['Namespace', metadata.namespace],
        ['Created', <TimeText time={metadata.creationTimestamp} />],
        ['Generation', detail?.metadata.generation],
        ['Labels', settingsText(detail?.metadata.labels)],
        ['Spec', settingsText(detail?.spec)],
      ]}
    />
  </section>
)

const SiteName = ({ name, sites }: { readonly name: string; readonly sites: readonly SiteRow[] }) => {
  const [site, another] = sites.filter(({ metadata }) => metadata.name === name)
  return site === undefined || another !== undefined ? (
    <strong>{name}</strong>
  ) : (
    <a href={hrefOf(sitePath(site.metadata.namespace))}>{name}</a>
  )
}

interface LinksProperties {
  readonly site: SiteRow
  readonly sites: readonly SiteRow[]
}

/** The log has no links between sites, only what routers see of each other. */
const Links = ({ site, sites }: LinksProperties) => {
  const reachedBy = sites.filter(({ reaches }) => reaches.some(each => each.site === site.metadata.name))
  return (
    <section class="card">
      <h2>Links</h2>
      {site.reaches.length === 0 && reachedBy.length === 0 && <p class="soft">Reaches no other site.</p>}
      <ul class="plain">
        {site.reaches.map(reached => (
          <li key={reached.site}>
            Reaches {countWords(reached.connectors, 'connector')} at <SiteName name={reached.site} sites={sites} />
          </li>
        ))}
        {reachedBy.map(({ metadata }) => (
          <li key={metadata.namespace}>
            Reached from <a href={hrefOf(sitePath(metadata.namespace))}>{metadata.name}</a>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The page of the site of a namespace: its router over time, what it has, and its history, renames included. */
export const SitePage = ({ namespace }: { readonly namespace: string }) => {
  const moment = momentOf(at.value)
  const variables = { namespace, first: MOST_RESOURCES, ...(moment && { at: moment }) }
  const { data: detail, error } = useQuery(SiteDetailDocument, variables, version.value).value
  const { data: sites, error: failure } = useSites().value
  const own = useResourceEvents({ kind: 'Site', namespace, name: namespace })
  const router = useResourceEvents({ kind: 'Router', namespace, name: namespace })
  useEffect(() => stepThrough({ namespace, types: [...SITE_TYPES, ...ROUTER_TYPES] }), [namespace])
  const site = sites?.find(({ metadata }) => metadata.namespace === namespace)
  const problem = error ?? failure ?? own.error ?? router.error
  return (
    <main class="page" id="main">
      <div class="page-head">
        <h1>{site?.metadata.name ?? namespace}</h1>
        <span class="soft">site in {namespace}</span>
        {site && <RouterState {...site.router} />}
        <AsOf />
      </div>
      {problem && (
        <p class="notice" role="alert">
          {problem.message}
        </p>
      )}
      <ResourceTimeline kind="Router" namespace={namespace} name={namespace} />
      <div class="columns">
        <div>
          {detail && <SiteResources namespace={namespace} detail={detail} />}
          {own.data && own.data.events.length > 0 && <EventsCard title="Changes" events={own.data} />}
          {router.data && router.data.events.length > 0 && (
            <EventsCard title="Events of the router" events={router.data} />
          )}
        </div>
        <div>
          {site && <Router router={site.router} changes={router.data?.changes} />}
          {site && sites && <Links site={site} sites={sites} />}
          {site && <Site site={site} detail={detail?.sites[0]} />}
          {sites && !site && <p class="empty">There is no site in {namespace} at this moment.</p>}
        </div>
      </div>
    </main>
  )
}
