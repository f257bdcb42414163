import { type Command, Option } from 'commander'
import { CONDITION_TYPES, CONDITIONS } from '../../../../schemas/resources/conditions.ts'
import type { ConditionedKind } from '../../../../schemas/resources/kinds.ts'
import type { Client } from '../../client/client.ts'
import type { ConditionType, TimelineFragment } from '../../client/generated.ts'
import { hadBegun, NOT_BEGUN } from '../../client/pagination.ts'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { CliError, serverLine, usageError } from '../../errors.ts'
import { LISTENER_KINDS, type ListenerSubject } from '../../history/listener-subject.ts'
import { io } from '../../io.ts'
import { type WindowOptions, withWindow } from '../../moment.ts'
import { type NamespaceOption, withNamespace } from '../../options.ts'
import { heading, statusColour } from '../../output/colour.ts'
import { formatDocument } from '../../output/format.ts'
import { print } from '../../output/print.ts'
import { type Column, Table } from '../../output/table.ts'
import { alternatives } from '../../output/text.ts'
import { formatDuration } from '../../output/time.ts'
import { singular } from '../../resources/resource.ts'
import { oneResource } from '../../resources/selection.ts'
import { windowText } from '../audit/report-formats/texts.ts'
import { type Interval, timelineBar } from './bar.ts'
import { findTimeline } from './find-timeline.ts'
import { timelineHtml, timelineSvg } from './svg-html.ts'

interface Options extends SourceOptions, NamespaceOption, WindowOptions {
  readonly condition: ConditionType
  readonly output: 'table' | 'json' | 'yaml' | 'svg' | 'html'
}

const HELP = `
Each column of the bar is a share of the window and shows the status that held longest in it: # True, . False, ? Unknown,
- not observed, and a space without a listener. For a deleted listener, set --to to a moment at which it existed.
The event at the position of --to is included; a window up to a time ends before the events of that time.

Examples:
  hark timeline listener backend -n west
  hark timeline listener backend -n west --condition Configured --from 2026-11-22T02:00:00Z --to 2026-11-22T03:00:00Z
  hark timeline multikeylistener backend -n west --condition Operational
  hark timeline listener backend -n west -o html > report.html`

const WIDTH = 80

const COLUMNS: readonly Column<Interval & { readonly end: string }>[] = [
  { title: 'FROM', value: ({ from }) => from },
  { title: 'FOR', value: ({ from, to, end }) => formatDuration(Date.parse(to ?? end) - Date.parse(from)) },
  { title: 'STATUS', value: ({ status }) => status, colour: statusColour },
  { title: 'REASON', value: ({ reason }) => reason },
  { title: 'POSITION', value: ({ position }) => position.replace(/^0+(?=.)/, '') },
  { title: 'MESSAGE', value: ({ message }) => message },
]

export const addTimeline = (program: Command): void => {
  const command = program
    .command('timeline')
    .summary('show when a condition held')
    .description('Shows when a condition of a listener held, as a bar and a table, with the share of time.')
    .argument('<kind>', 'listener or multikeylistener, or listener/NAME')
    .argument('[name]', 'its name')
    .addOption(new Option('--condition <type>', 'the condition').choices([...CONDITION_TYPES]).default('Ready'))
    .addOption(
      new Option('-o, --output <format>', 'the output format')
        .choices(['table', 'json', 'yaml', 'svg', 'html'])
        .default('table'),
    )
    .addHelpText('after', HELP)
    .action((kind: string, name: string | undefined, options: Options) => {
      const subject = oneResource([kind, name], LISTENER_KINDS)
      assertCondition(subject, options)
      return timeline(subject, options)
    })
  withSource(withNamespace(withWindow(command)))
}

const assertCondition = ({ kind }: ListenerSubject, { condition }: Options): void => {
  const conditions: readonly ConditionType[] = CONDITIONS[kind.kind as ConditionedKind]
  if (conditions.includes(condition)) return
  throw usageError(`a ${singular(kind)} has no condition ${condition}: use ${alternatives(conditions)}`)
}

const timeline = (subject: ListenerSubject, options: Options): Promise<void> =>
  withClient(options, client => printTimeline(client, subject, options))

const printTimeline = async (client: Client, { kind, name }: ListenerSubject, options: Options): Promise<void> => {
  const { namespace, condition, from, to, output } = options
  const variables = { namespace, name, type: condition, at: to, from, to }
  const found = await findTimeline(client, kind.kind, variables)
  if (found === undefined) {
    if (!(await hadBegun(client, to, namespace))) throw new CliError(NOT_BEGUN)
    throw new CliError(
      serverLine(
        'NotFound',
        `${singular(kind)} ${name} not found in namespace ${namespace}${to === undefined ? '; if it was deleted, set --to to a moment at which it existed' : ' at that moment'}`,
      ),
    )
  }
  if (output === 'svg') print(timelineSvg(name, found))
  else if (output === 'html') print(timelineHtml(name, found))
  else if (output !== 'table') print(await formatDocument(found, output))
  else for (const line of lines(name, found, options)) print(line)
}

const percent = (share: number): string => `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : 2)} %`

const lines = (name: string, found: TimelineFragment, { store, to: requestedTo }: Options): string[] => {
  const { type, from, to, intervals, fractionTrue, fractionUnknown, transitions } = found
  const width = Math.max(20, (io().stdout.columns ?? WIDTH) - 2)
  return [
    heading(`${type} of ${name}`),
    `${windowText({ from, to, isOfStore: store !== undefined && requestedTo === undefined })} (${formatDuration(Date.parse(to) - Date.parse(from))})`,
    '',
    `|${timelineBar(found, width)}|`,
    '',
    `True ${percent(fractionTrue)} of the time, Unknown ${percent(fractionUnknown)}; transitions: ${transitions}`,
    '',
    ...new Table(COLUMNS).lines(intervals.map(interval => ({ ...interval, end: to }))),
  ]
}
