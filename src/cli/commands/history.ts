import { type Command, Option } from 'commander'
import { Client } from '../client/client.ts'
import type { EventsQueryVariables } from '../client/generated.ts'
import { collect } from '../client/pagination.ts'
import { usageError } from '../errors.ts'
import { EVENT_COLUMNS, NAMESPACE } from '../history/event-text.ts'
import { eventPages, resourceEvents } from '../history/events.ts'
import {
  type NamespaceOption,
  type ServerOption,
  type WindowOptions,
  withNamespace,
  withServer,
  withWindow,
} from '../options.ts'
import { type DocumentFormat, formatDocument } from '../output/format.ts'
import { note, print } from '../output/print.ts'
import { Table } from '../output/table.ts'
import { aKind, CONDITIONED_KINDS } from '../resources/kinds.ts'
import { singular } from '../resources/resource.ts'
import { oneResource } from '../resources/selection.ts'

interface Options extends ServerOption, NamespaceOption, WindowOptions {
  readonly allNamespaces?: true
  readonly output: 'table' | DocumentFormat
}

const HELP = `
Examples:
  hark history -n west                   all events of a namespace
  hark history listener backend -n west  all events of a listener, also of a deleted one
  hark history -n west --from 2026-11-22T02:00:00Z --to 2026-11-22T02:14:00Z
  hark history -A -o json                all events, for a program`

export const addHistory = (program: Command): void => {
  const command = program
    .command('history')
    .summary('list events, oldest first')
    .description(`Lists the events of a namespace, or of ${aKind(CONDITIONED_KINDS)}, oldest first.`)
    .argument('[kind]', `${aKind(CONDITIONED_KINDS)}, or KIND/NAME`)
    .argument('[name]', 'its name')
    .option('-A, --all-namespaces', 'of all namespaces')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['table', 'json', 'yaml']).default('table'),
    )
    .addHelpText('after', HELP)
    .action((kind: string | undefined, name: string | undefined, options: Options) =>
      history(kind === undefined ? undefined : oneResource([kind, name], CONDITIONED_KINDS), options),
    )
  withServer(withNamespace(withWindow(command)))
}

type Subject = ReturnType<typeof oneResource<(typeof CONDITIONED_KINDS)[number]>>

const scopeOf = async (
  subject: Subject | undefined,
  { allNamespaces, namespace }: Options,
): Promise<EventsQueryVariables> => {
  if (subject === undefined) return allNamespaces ? {} : { namespace }
  if (allNamespaces) throw usageError('a name needs a namespace: use -n instead of -A, or omit kind and name')
  return resourceEvents(subject.kind.kind, namespace, subject.name)
}

const history = async (subject: Subject | undefined, options: Options): Promise<void> => {
  const events = eventPages(new Client(options.server), {
    ...(await scopeOf(subject, options)),
    from: options.from,
    to: options.to,
  })
  if (options.output !== 'table') {
    print(await formatDocument(await collect(events), options.output))
    return
  }
  const table = new Table(options.allNamespaces ? [NAMESPACE, ...EVENT_COLUMNS] : EVENT_COLUMNS)
  let found = false
  for await (const page of events) {
    if (page.length === 0) continue
    found = true
    for (const line of table.lines(page)) print(line)
  }
  if (!found) note(nothingFound(subject, options))
}

const nothingFound = (subject: Subject | undefined, { allNamespaces, namespace }: Options): string => {
  const about = subject === undefined ? '' : ` about ${singular(subject.kind)} ${subject.name}`
  return `No events found${about}${allNamespaces ? '' : ` in namespace ${namespace}`}.`
}
