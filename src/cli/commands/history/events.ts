import type { Command } from 'commander'
import { examplesText } from '../../options.ts'
import { KINDS } from '../../resources/kinds.ts'
import { oneResource } from '../../resources/selection.ts'
import { type HistoryOptions, history, withEventOptions } from './history.ts'

interface Options extends Omit<HistoryOptions, 'follow' | 'tail' | 'from' | 'to'> {
  readonly for?: string
  readonly watch?: true
}

/** `hark events`, as in kubectl, for `hark history`. */
export const addEvents = (program: Command): void => {
  const command = program
    .command('events')
    .summary('list events, in the words of kubectl')
    .description('Lists events, oldest first: hark history in the words of kubectl.')
    .option('--for <resource>', 'only events of KIND/NAME')
    .option('-w, --watch', 'continue with new events until Ctrl-C')
    .addHelpText(
      'after',
      examplesText([
        'hark events -n west',
        'hark events --for listener/backend -n west --watch',
        'hark events -A --types ListenerCreated,ListenerDeleted',
      ]),
    )
    .action(({ for: resource, watch, ...options }: Options) =>
      history(resource === undefined ? undefined : oneResource([resource], KINDS), {
        ...options,
        ...(watch && { follow: true }),
      }),
    )
  withEventOptions(command)
}
