import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Client, clientOf } from '../../client/client.ts'
import { type EventFragment, type EventsQueryVariables, HeadDocument } from '../../client/generated.ts'
import { collect } from '../../client/pagination.ts'
import { usageError } from '../../errors.ts'
import { EVENT_COLUMNS, NAMESPACE } from '../../history/event-text.ts'
import { eventPages, lastEvents, resourceEvents, resourceTypes } from '../../history/events.ts'
import { SiteEvents } from '../../history/site-events.ts'
import { type WindowOptions, withWindow } from '../../moment.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { type DocumentFormat, formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { Table } from '../../output/table.ts'
import { aKind, BY_KIND, KINDS } from '../../resources/kinds.ts'
import { singular } from '../../resources/resource.ts'
import { oneResource } from '../../resources/selection.ts'

export interface HistoryOptions extends ServerOption, NamespaceOption, WindowOptions {
  readonly allNamespaces?: true
  readonly output: 'table' | DocumentFormat
  readonly headers: boolean
  readonly types?: readonly string[]
  readonly follow?: true
  readonly tail?: number
}

const HELP = `
Examples:
  hark history -n west                   all events of a namespace
  hark history listener backend -n west  all events of a listener, also of a deleted one
  hark history site west -n west         all events of a site, under all its names
  hark history -n west --from 2026-11-22T02:00:00Z --to 2026-11-22T02:14:00Z
  hark history -n west --types PortUpdated,HostUpdated
  hark history -A -o json                all events, for a program
  hark history -A -f --tail 20           the last 20, then every new one until Ctrl-C`

const types = (text: string, others: readonly string[] = []): readonly string[] => [...others, ...text.split(',')]

export const withEventOptions = (command: Command): Command =>
  withServer(
    withNamespace(
      command
        .option('-A, --all-namespaces', 'of all namespaces')
        .addOption(
          new Option('-o, --output <format>', 'the output format').choices(['table', 'json', 'yaml']).default('table'),
        )
        .option('--no-headers', 'print the table without titles')
        .option('--types <types>', 'only events of these types, separated by commas: PortUpdated,HostUpdated', types),
    ),
  )

export const addHistory = (program: Command): void => {
  const command = program
    .command('history')
    .summary('list events, oldest first')
    .description(`Lists the events of a namespace, or of ${aKind(KINDS)}, oldest first.`)
    .argument('[kind]', `${aKind(KINDS)}, or KIND/NAME`)
    .argument('[name]', 'its name')
    .option('-f, --follow', 'continue with new events until Ctrl-C')
    .option('--tail <number>', 'only the last events, at most 1000', tail)
    .addHelpText('after', HELP)
    .action((kind: string | undefined, name: string | undefined, options: HistoryOptions) =>
      history(kind === undefined ? undefined : oneResource([kind, name], KINDS), options),
    )
  withEventOptions(withWindow(command))
}

const MOST_TAIL = 1000

const tail = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > MOST_TAIL)
    throw new InvalidArgumentError(`must be a number from 1 to ${MOST_TAIL}`)
  return number
}

export type Subject = ReturnType<typeof oneResource<(typeof KINDS)[number]>>

const isSite = (subject: Subject): boolean => subject.kind === BY_KIND.Site

const typesOf = async (subject: Subject | undefined, types: readonly string[]): Promise<readonly string[]> => {
  const { EVENTS } = await import('../../../../schemas/events/events.ts')
  const known = subject === undefined ? Object.keys(EVENTS) : await resourceTypes(subject.kind.kind)
  const unknown = types.find(type => !known.includes(type))
  if (unknown === undefined) return types
  throw usageError(
    `'${unknown}' is no type of event${subject === undefined ? '' : ` of a ${singular(subject.kind)}: use ${known.join(', ')}`}`,
  )
}

const scopeOf = async (
  subject: Subject | undefined,
  { allNamespaces, namespace }: HistoryOptions,
  types: readonly string[] | undefined,
): Promise<EventsQueryVariables> => {
  if (subject === undefined) return { ...(!allNamespaces && { namespace }), ...(types && { types }) }
  if (allNamespaces) throw usageError('a name needs a namespace: use -n instead of -A, or omit kind and name')
  if (isSite(subject)) return { namespace, types: await resourceTypes(subject.kind.kind) }
  return { ...(await resourceEvents(subject.kind.kind, namespace, subject.name)), ...(types && { types }) }
}

type Select = (events: readonly EventFragment[]) => readonly EventFragment[]

/** The other names of a site are found in all of its events. */
const siteSelection = async (
  client: Client,
  subject: Subject | undefined,
  namespace: string,
  types: readonly string[] | undefined,
): Promise<Select | undefined> => {
  if (subject === undefined || !isSite(subject)) return undefined
  const site = await SiteEvents.of(client, namespace, subject.name)
  return events => site.select(events).filter(({ type }) => types === undefined || types.includes(type))
}

export const history = async (subject: Subject | undefined, options: HistoryOptions): Promise<void> => {
  const { from, to, tail, output, follow } = options
  if (to !== undefined && (follow || tail !== undefined)) throw usageError('use --to without --follow and --tail')
  const types = options.types && (await typesOf(subject, options.types))
  const client = clientOf(options)
  const scope = { ...(await scopeOf(subject, options, types)), from }
  const select = await siteSelection(client, subject, options.namespace, types)
  const read = { ...scope, to }
  const events = select === undefined ? eventsOf(client, read, tail) : siteEventsOf(client, select, read, tail)
  if (output !== 'table' && !follow) {
    print(await formatDocument(await collect(events), output))
    return
  }
  const head = follow ? (await client.request(HeadDocument, {})).head : undefined
  const show = printer(options)
  let last: string | undefined
  for await (const page of events) {
    await show(page)
    last = page.at(-1)?.position ?? last
  }
  if (last === undefined) note(nothingFound(subject, options))
  if (head === undefined) return
  const { followEvents } = await import('../../history/follow-events.ts')
  await followEvents(client, scope, last ?? head, events => show(select?.(events) ?? events))
}

const eventsOf = (
  client: Client,
  scope: EventsQueryVariables,
  tail: number | undefined,
): AsyncIterable<readonly EventFragment[]> =>
  tail === undefined ? eventPages(client, scope) : lastEvents(client, { ...scope, last: tail })

/** A namespace has few events of sites: the last ones are taken from all. */
const siteEventsOf = async function* (
  client: Client,
  select: Select,
  scope: EventsQueryVariables,
  tail: number | undefined,
): AsyncGenerator<readonly EventFragment[]> {
  const last: EventFragment[] = []
  for await (const page of eventPages(client, scope)) {
    if (tail === undefined) yield select(page)
    else last.push(...select(page))
  }
  if (tail !== undefined) yield last.slice(-tail)
}

type Show = (events: readonly EventFragment[]) => Promise<void>

const printer = ({ output, allNamespaces, headers }: HistoryOptions): Show => {
  const table = new Table(allNamespaces ? [NAMESPACE, ...EVENT_COLUMNS] : EVENT_COLUMNS, { titles: headers })
  return async events => {
    if (output !== 'table') {
      for (const event of events) print(await formatDocument(event, output, { oneOfMany: true }))
    } else if (events.length > 0) {
      for (const line of table.lines(events)) print(line)
    }
  }
}

const nothingFound = (subject: Subject | undefined, { allNamespaces, namespace }: HistoryOptions): string => {
  const about = subject === undefined ? '' : ` about ${singular(subject.kind)} ${subject.name}`
  return `No events found${about}${allNamespaces ? '' : ` in namespace ${namespace}`}.`
}
