import type { Client } from '../../client/client.ts'
import type {
  ConditionFragment,
  EventFragment,
  MatchingConnectorFragment,
  ReachedFragment,
} from '../../client/generated.ts'
import { EVENT_COLUMNS } from '../../history/event-text.ts'
import { eventPages, resourceEvents, siteEvents } from '../../history/events.ts'
import type { Moment } from '../../moment.ts'
import { heading, statusColour } from '../../output/colour.ts'
import { fieldLines } from '../../output/fields.ts'
import { type Column, Table } from '../../output/table.ts'
import { age } from '../../output/time.ts'
import type { Listener } from '../../resources/listeners.ts'
import { type ConditionedResource, type Resource, withoutNulls } from '../../resources/resource.ts'
import { isSite, reachedSites, type Site, siteStatus } from '../../resources/sites.ts'
import { routingKeysText } from '../../resources/strategy.ts'

const LATEST_EVENTS = 10

const CONDITION_COLUMNS: readonly Column<ConditionFragment>[] = [
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'STATUS', value: ({ status }) => status, colour: statusColour },
  { title: 'REASON', value: ({ reason }) => reason },
  { title: 'SINCE', value: ({ lastTransitionTime }) => lastTransitionTime },
  { title: 'GENERATION', value: ({ observedGeneration }) => observedGeneration },
  { title: 'MESSAGE', value: ({ message }) => message },
]

const MATCHING_COLUMNS: readonly Column<MatchingConnectorFragment>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'SITE', value: ({ site }) => site },
  { title: 'HOST', value: ({ host }) => host },
  { title: 'PORT', value: ({ port }) => port },
  { title: 'SINCE', value: ({ since }) => since },
]

const REACHED_COLUMNS: readonly Column<ReachedFragment>[] = [
  { title: 'SITE', value: ({ site }) => site },
  { title: 'CONNECTORS', value: ({ connectors }) => connectors },
]

export const descriptionLines = async (
  client: Client,
  resource: Resource,
  { at, showsEvents }: { readonly at: Moment | undefined; readonly showsEvents: boolean },
): Promise<readonly string[]> => [
  ...(isSite(resource)
    ? siteLines(resource, await reachedSites(client, resource, at))
    : conditionedLines(resource as ConditionedResource | Listener)),
  ...(showsEvents ? section('Latest events', EVENT_COLUMNS, await latestEvents(client, resource, at)) : []),
]

const latestEvents = async (
  client: Client,
  { kind, metadata: { namespace, name } }: Resource,
  at: Moment | undefined,
): Promise<EventFragment[]> => {
  const scope = await (kind === 'Site' ? siteEvents(namespace) : resourceEvents(kind, namespace, name))
  let latest: EventFragment[] = []
  for await (const page of eventPages(client, { ...scope, to: at })) latest = [...latest, ...page].slice(-LATEST_EVENTS)
  return latest
}

const section = <Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): string[] => {
  const lines = rows.length === 0 ? ['none'] : new Table(columns).lines(rows)
  return ['', heading(`${title}:`), ...lines.map(line => `  ${line}`)]
}

const specFields = (spec: unknown): Readonly<Record<string, unknown>> => {
  const { strategy, ...fields } = withoutNulls(spec)
  if (strategy === undefined) return fields
  return { ...fields, strategy: Object.keys(withoutNulls(strategy)).join(), routingKeys: routingKeysText(strategy) }
}

const resourceFields = ({ metadata, spec }: Resource): Readonly<Record<string, unknown>> => {
  const { name, namespace, uid, generation, creationTimestamp, labels, annotations } = metadata
  return {
    name,
    namespace,
    UID: uid,
    created: `${creationTimestamp} (${age(creationTimestamp)} ago)`,
    generation,
    labels,
    annotations,
    ...specFields(spec),
  }
}

const conditionedLines = (resource: ConditionedResource | Listener): string[] => {
  const { status, message, conditions } = resource.status
  return [
    ...fieldLines({ ...resourceFields(resource), status, message }),
    ...section('Conditions', CONDITION_COLUMNS, conditions),
    ...('matchingConnectors' in resource
      ? section('Matching connectors', MATCHING_COLUMNS, resource.matchingConnectors)
      : []),
  ]
}

const siteLines = (site: Site, reached: readonly ReachedFragment[]): string[] => {
  const { connection, since, id, url, message } = site.router
  return [
    ...fieldLines({
      ...resourceFields(site),
      status: siteStatus(site.router),
      message,
      router: `${connection} since ${since}`,
      'router ID': id ?? '',
      'router URL': url ?? '',
    }),
    ...section('Reaches', REACHED_COLUMNS, reached),
  ]
}
