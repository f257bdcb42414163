import type { Command } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import type { ConditionFragment, EventFragment, MatchingConnectorFragment } from '../client/generated.ts'
import { hadBegun, NOT_BEGUN } from '../client/pagination.ts'
import { warnIfStale } from '../client/readiness.ts'
import { CliError } from '../errors.ts'
import { EVENT_COLUMNS } from '../history/event-text.ts'
import { eventPages, resourceEvents } from '../history/events.ts'
import {
  type AtOption,
  type Moment,
  type NamespaceOption,
  type ServerOption,
  withAt,
  withNamespace,
  withServer,
} from '../options.ts'
import { heading, statusColour } from '../output/colour.ts'
import { fieldLines } from '../output/fields.ts'
import { note, print } from '../output/print.ts'
import { type Column, Table } from '../output/table.ts'
import { age } from '../output/time.ts'
import { aKind, CONDITIONED_KINDS } from '../resources/kinds.ts'
import { assertSelectorAlone, type SelectorOption, withSelector } from '../resources/labels.ts'
import type { Listener } from '../resources/listeners.ts'
import { type ConditionedKind, type ConditionedResource, plural, withoutNulls } from '../resources/resource.ts'
import { noneFound, search } from '../resources/search.ts'
import { type Selected, selectionOf } from '../resources/selection.ts'

const LATEST_EVENTS = 10

const HELP = `
Examples:
  hark describe listener backend -n west
  hark describe listener backend -n west --at 2026-11-22T02:14:00Z
  hark describe listener/backend connector/backend -n east
  hark describe listeners -n west`

type Options = ServerOption & NamespaceOption & AtOption & SelectorOption

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

export const addDescribe = (program: Command): void => {
  const command = program
    .command('describe')
    .summary(`show the details of ${aKind(CONDITIONED_KINDS)}`)
    .description(`Shows the details of ${aKind(CONDITIONED_KINDS)}: conditions, matching connectors, latest events.`)
    .argument('<kind>', `all, or one or more of ${CONDITIONED_KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME (default: all)')
    .addHelpText('after', HELP)
    .action((kind: string, names: readonly string[], options: Options) =>
      describe(selectionOf([kind, ...names], CONDITIONED_KINDS), options),
    )
  withServer(withNamespace(withAt(withSelector(command), 'its state at that moment')))
}

const describe = async (
  selection: readonly Selected<ConditionedKind>[],
  { namespace, at, selector, ...server }: Options,
): Promise<void> => {
  assertSelectorAlone(selection, selector)
  const client = clientOf(server)
  const [found] = await Promise.all([
    Promise.all(selection.map(selected => search(client, selected, { namespace, at, labelSelector: selector }))),
    warnIfStale(client),
  ])
  const resources = found.flatMap(each => each.resources)
  if (resources.length === 0 && !(await hadBegun(client, at, namespace))) throw new CliError(NOT_BEGUN)
  for (const [index, resource] of resources.entries()) {
    if (index > 0) print('')
    for (const line of descriptionLines(resource, await latestEvents(client, resource, at))) print(line)
  }
  const missing = found.flatMap(each => each.missing)
  if (missing.length > 0) throw new CliError(missing)
  if (resources.length === 0)
    note(
      noneFound(
        selection.map(({ kind }) => kind),
        { namespace },
      ),
    )
}

const latestEvents = async (
  client: Client,
  { kind, metadata }: ConditionedResource,
  at: Moment | undefined,
): Promise<EventFragment[]> => {
  const scope = await resourceEvents(kind, metadata.namespace, metadata.name)
  let latest: EventFragment[] = []
  for await (const page of eventPages(client, { ...scope, to: at })) latest = [...latest, ...page].slice(-LATEST_EVENTS)
  return latest
}

const section = <Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): string[] => {
  const lines = rows.length === 0 ? ['none'] : new Table(columns).lines(rows)
  return ['', heading(`${title}:`), ...lines.map(line => `  ${line}`)]
}

const descriptionLines = (resource: ConditionedResource | Listener, events: readonly EventFragment[]): string[] => {
  const { metadata, spec, status } = resource
  const { name, namespace, uid, generation, creationTimestamp } = metadata
  return [
    ...fieldLines({
      name,
      namespace,
      UID: uid,
      created: `${creationTimestamp} (${age(creationTimestamp)} ago)`,
      generation,
      labels: metadata.labels,
      annotations: metadata.annotations,
      ...withoutNulls(spec),
      status: status.status,
      message: status.message,
    }),
    ...section('Conditions', CONDITION_COLUMNS, status.conditions),
    ...('matchingConnectors' in resource
      ? section('Matching connectors', MATCHING_COLUMNS, resource.matchingConnectors)
      : []),
    ...section('Latest events', EVENT_COLUMNS, events),
  ]
}
