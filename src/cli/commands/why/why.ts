import { type Command, Option } from 'commander'
import type { Client } from '../../client/client.ts'
import type { EventFragment } from '../../client/generated.ts'
import { collect, hadBegun, NOT_BEGUN } from '../../client/pagination.ts'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { CliError } from '../../errors.ts'
import { EVENT_COLUMNS, positionText } from '../../history/event-text.ts'
import { eventPages, resourceEvents } from '../../history/events.ts'
import { LISTENER_KINDS, type ListenerSubject } from '../../history/listener-subject.ts'
import { type AtOption, type Moment, withAt } from '../../moment.ts'
import { type NamespaceOption, withNamespace } from '../../options.ts'
import { heading } from '../../output/colour.ts'
import { formatDocument } from '../../output/format.ts'
import { print } from '../../output/print.ts'
import { Table } from '../../output/table.ts'
import { singular } from '../../resources/resource.ts'
import { oneResource } from '../../resources/selection.ts'
import type { Interval } from '../timeline/bar.ts'
import { findTimeline } from '../timeline/find-timeline.ts'
import { eventAt, findExplained } from './explained.ts'
import { beganEarlier, type Explanation, explain, lastEpisode } from './explanation.ts'
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
  hark why multikeylistener backend -n west
  hark why listener backend -n west -o json`

export const addWhy = (program: Command): void => {
  const command = program
    .command('why')
    .summary('explain why a listener is, or is not, Ready')
    .description(
      'Explains why a listener is, or is not, Ready: since when, by which condition and event, after which change, and what to do.',
    )
    .argument('<kind>', 'listener or multikeylistener, or listener/NAME')
    .argument('[name]', 'its name')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', HELP)
    .action((kind: string, name: string | undefined, options: Options) =>
      why(oneResource([kind, name], LISTENER_KINDS), options),
    )
  withSource(withNamespace(withAt(command, 'why at that moment')))
}

const why = (subject: ListenerSubject, options: Options): Promise<void> =>
  withClient(options, async client => {
    const found = await explanation(client, subject, options)
    if (options.output !== 'text') print(await formatDocument(found, options.output))
    else for (const line of lines(found)) print(line)
  })

const explanation = async (
  client: Client,
  { kind, name }: ListenerSubject,
  { namespace, at }: Options,
): Promise<Explanation | Deletion> => {
  const [listener, events] = await Promise.all([
    findExplained(client, kind.kind, { namespace, name, at }),
    resourceEvents(kind.kind, namespace, name).then(scope => collect(eventPages(client, { ...scope, to: at }))),
  ])
  if (listener === undefined) {
    if (!(await hadBegun(client, at, namespace))) throw new CliError(NOT_BEGUN)
    return deletion({ kind, name }, namespace, events)
  }
  const window = { namespace, name, type: 'Ready', at, to: including(at) } as const
  const timeline = await findTimeline(client, kind.kind, window)
  const intervals = timeline?.intervals.filter(beganBy(at)) ?? []
  const last = lastEpisode(intervals).at(-1)
  if (last === undefined) throw new CliError(`${singular(kind)} ${name} was deleted during the query: try again`)
  const cause = beganEarlier(listener, intervals)
    ? undefined
    : await eventAt(client, kind.kind, { namespace, name, position: last.position })
  return explain({ listener, intervals, events, eventAt: () => cause })
}

/** A timeline includes an event at the position of its end, but not at the time of its end. */
const including = (at: Moment | undefined): Moment | undefined =>
  at !== undefined && 'time' in at ? { time: new Date(Date.parse(at.time) + 1).toISOString() } : at

const beganBy =
  (at: Moment | undefined) =>
  ({ from }: Interval): boolean =>
    at === undefined || !('time' in at) || from <= at.time

const deletion = ({ kind, name }: ListenerSubject, namespace: string, events: readonly EventFragment[]): Deletion => {
  const cause = events.findLast(({ type }) => type === `${kind.kind}Deleted`)
  if (cause === undefined)
    throw new CliError(`${singular(kind)} ${name} never existed in namespace ${namespace} up to that moment`)
  const { time, actor, position } = cause
  return {
    listener: name,
    namespace,
    status: 'Deleted',
    since: time,
    cause,
    events: newestEvents(events, SHOWN, cause),
    summary: `${kind.kind} ${name} in namespace ${namespace} was deleted at ${time} by ${actor} (position ${positionText(position)}).`,
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
