import { type Command, Option } from 'commander'
import type { Client } from '../../client/client.ts'
import { ChangesDocument, type EventFragment, ListenerDocument, TimelineDocument } from '../../client/generated.ts'
import { collect, hadBegun, NOT_BEGUN } from '../../client/pagination.ts'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { CliError } from '../../errors.ts'
import { EVENT_COLUMNS, positionText } from '../../history/event-text.ts'
import { eventPages, resourceEvents } from '../../history/events.ts'
import { type AtOption, type Moment, type NamespaceOption, withAt, withNamespace } from '../../options.ts'
import { heading } from '../../output/colour.ts'
import { formatDocument } from '../../output/format.ts'
import { print } from '../../output/print.ts'
import { Table } from '../../output/table.ts'
import { listeners } from '../../resources/listeners.ts'
import { oneResource } from '../../resources/selection.ts'
import type { Interval } from '../timeline/bar.ts'
import { type Explanation, explain, lastEpisode } from './explanation.ts'
import { newestEvents } from './newest-events.ts'

interface Options extends SourceOptions, NamespaceOption, AtOption {
  readonly output: 'text' | 'json' | 'yaml'
}

type Deletion = Pick<Explanation, 'listener' | 'namespace' | 'cause' | 'events' | 'summary'> & {
  readonly status: 'Deleted'
  readonly since: string
}

const SHOWN = 10

const HELP = `
Examples:
  hark why listener backend -n west
  hark why listener backend -n west --at 2026-11-22T02:14:00Z
  hark why listener backend -n west -o json`

export const addWhy = (program: Command): void => {
  const command = program
    .command('why')
    .summary('explain why a listener is, or is not, Ready')
    .description(
      'Explains why a listener is, or is not, Ready: since when, by which condition and event, after which change, and what to do.',
    )
    .argument('<kind>', 'listener, or listener/NAME')
    .argument('[name]', 'its name')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', HELP)
    .action((kind: string, name: string | undefined, options: Options) =>
      why(oneResource([kind, name], [listeners]).name, options),
    )
  withSource(withNamespace(withAt(command, 'why at that moment')))
}

const why = (name: string, options: Options): Promise<void> =>
  withClient(options, async client => {
    const found = await explanation(client, name, options)
    if (options.output !== 'text') print(await formatDocument(found, options.output))
    else for (const line of lines(found)) print(line)
  })

const explanation = async (
  client: Client,
  name: string,
  { namespace, at }: Options,
): Promise<Explanation | Deletion> => {
  const [{ listener }, events] = await Promise.all([
    client.request(ListenerDocument, { namespace, name, at }),
    resourceEvents('Listener', namespace, name).then(scope => collect(eventPages(client, { ...scope, to: at }))),
  ])
  if (listener === null) {
    if (!(await hadBegun(client, at, namespace))) throw new CliError(NOT_BEGUN)
    return deletion(name, namespace, events)
  }
  const timeline = await client.request(TimelineDocument, { namespace, name, type: 'Ready', at, to: including(at) })
  const intervals = timeline.listener?.conditionTimeline.intervals.filter(beganBy(at)) ?? []
  const last = lastEpisode(intervals).at(-1)
  if (last === undefined) throw new CliError(`listener ${name} was deleted during the query: try again`)
  const cause = await eventAt(client, { namespace, name, position: last.position })
  return explain({ listener, intervals, events, eventAt: () => cause })
}

/** Undefined for time that was not observed, which begins without an event. */
const eventAt = async (
  client: Client,
  { namespace, name, position }: { readonly namespace: string; readonly name: string; readonly position: string },
): Promise<EventFragment | undefined> => {
  const [from, to] = [{ position }, { position }]
  const { changes } = await client.request(ChangesDocument, { namespace, listener: name, from, to, first: 1 })
  return changes.edges[0]?.node.event
}

/** A timeline excludes events at the time of its end, but includes that at the position of its end. */
const including = (at: Moment | undefined): Moment | undefined =>
  at !== undefined && 'time' in at ? { time: new Date(Date.parse(at.time) + 1).toISOString() } : at

const beganBy =
  (at: Moment | undefined) =>
  ({ from }: Interval): boolean =>
    at === undefined || !('time' in at) || from <= at.time

const deletion = (name: string, namespace: string, events: readonly EventFragment[]): Deletion => {
  const cause = events.findLast(({ type }) => type === 'ListenerDeleted')
  if (cause === undefined)
    throw new CliError(`listener ${name} never existed in namespace ${namespace} up to that moment`)
  const { time, actor, position } = cause
  return {
    listener: name,
    namespace,
    status: 'Deleted',
    since: time,
    cause,
    events: newestEvents(events, SHOWN, cause),
    summary: `Listener ${name} in namespace ${namespace} was deleted at ${time} by ${actor} (position ${positionText(position)}).`,
  }
}

const lines = ({ summary, events, cause }: Explanation | Deletion): string[] => [
  summary,
  '',
  heading('Events:'),
  ...(events.length > SHOWN
    ? [`  ${SHOWN} of ${events.length}: the cause and the newest; hark history shows all`]
    : []),
  ...new Table(EVENT_COLUMNS).lines(newestEvents(events, SHOWN, cause)).map(line => `  ${line}`),
]
