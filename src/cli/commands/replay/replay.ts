import { setTimeout as pause } from 'node:timers/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ChangeFragment } from '../../client/generated.ts'
import { collect } from '../../client/pagination.ts'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { usageError } from '../../errors.ts'
import { changeLines } from '../../history/change-lines.ts'
import { changePages } from '../../history/changes.ts'
import {
  changesOf,
  type ListenerOption,
  type ListenerSubject,
  listenerSubject,
  withListener,
} from '../../history/listener-subject.ts'
import { io } from '../../io.ts'
import { type WindowOptions, withWindow } from '../../moment.ts'
import { type NamespaceOption, withNamespace } from '../../options.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { singular } from '../../resources/resource.ts'
import { shutdownSignal } from '../../runtime/shutdown-signal.ts'
import { stepThrough } from './interactive.ts'
import { StepBuffer } from './step-buffer.ts'

interface Options extends SourceOptions, NamespaceOption, WindowOptions, ListenerOption {
  readonly step?: true
  readonly speed?: number
  readonly output: 'text' | 'json' | 'yaml'
}

const HELP = `
Events without a visible change are omitted. With --step, → or space shows the next event, ← the previous one, and q ends.

Examples:
  hark replay -n west
  hark replay -n west --listener backend --from 2026-11-22T02:00:00Z --to 2026-11-22T02:20:00Z
  hark replay -n west --listener backend --step
  hark replay multikeylistener backend -n west
  hark replay -n west --speed 10x
  hark replay -n west --store sqlite:data/events.db
  hark replay -n west --store backup.jsonl -o json`

const speed = (text: string): number => {
  const factor = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1])
  if (!(factor > 0)) throw new InvalidArgumentError('must be a factor such as 10x')
  return factor
}

export const addReplay = (program: Command): void => {
  const command = program
    .command('replay')
    .summary('show what each event changed')
    .description(
      'Shows what each event changed in the status of listeners and multikeylisteners and in the router configuration.',
    )
    .option('--step', 'wait for a key between events; go forward and back')
    .option('--speed <factor>', 'replay in real time, this many times as fast (10x)', speed)
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', HELP)
    .action((kind: string | undefined, name: string | undefined, options: Options) =>
      replay(listenerSubject([kind, name], options), options),
    )
  withListener(command, 'only its changes')
  withSource(withNamespace(withWindow(command)))
}

const replay = async (subject: ListenerSubject | undefined, options: Options): Promise<void> => {
  const { namespace, from, to, output, step, speed } = options
  if (step && speed !== undefined) throw usageError('use --step or --speed, not both')
  if (step && !(io().stdin.isTTY && io().stdout.isTTY)) throw usageError('--step needs a terminal')
  await withClient(options, async client => {
    const changes = changePages(client, { namespace, ...changesOf(subject), from, to })
    if (output !== 'text') print(await formatDocument(await collect(changes), output))
    else if (step) await stepThrough(new StepBuffer(changes))
    else if (!(await play(changes, speed))) note(`Nothing changed${subjectText(subject)} in namespace ${namespace}.`)
  })
}

const subjectText = (subject: ListenerSubject | undefined): string =>
  subject === undefined ? '' : ` of ${singular(subject.kind)} ${subject.name}`

const play = async (changes: AsyncIterable<readonly ChangeFragment[]>, speed: number | undefined): Promise<boolean> => {
  const signal = speed === undefined ? undefined : shutdownSignal()
  let last: ChangeFragment | undefined
  for await (const page of changes) {
    for (const change of page) {
      if (last !== undefined) print('')
      if (speed !== undefined && last !== undefined) {
        const elapsed = Date.parse(change.event.time) - Date.parse(last.event.time)
        await pause(Math.max(0, elapsed / speed), undefined, { signal: signal as AbortSignal }).catch(() => undefined)
        if (signal?.aborted) return true
      }
      for (const line of changeLines(change)) print(line)
      last = change
    }
  }
  return last !== undefined
}
