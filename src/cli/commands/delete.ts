import type { Command } from 'commander'
import { Client } from '../client/client.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'
import { aKind, CONDITIONED_KINDS, kindArgument } from '../resources/kinds.ts'
import { type ConditionedKind, resourceName } from '../resources/resource.ts'

const HELP = `
The history is kept.

Examples:
  hark delete listener backend -n west
  hark delete connector backend -n east`

export const addDelete = (program: Command): void => {
  const command = program
    .command('delete')
    .summary(`delete ${aKind(CONDITIONED_KINDS)}`)
    .description(`Deletes ${aKind(CONDITIONED_KINDS)}.`)
    .addArgument(kindArgument('<kind>', CONDITIONED_KINDS))
    .argument('<name>', 'its name')
    .addHelpText('after', HELP)
    .action(deleteResource)
  withServer(withNamespace(command))
}

const deleteResource = async (
  { kind, deletion }: ConditionedKind,
  name: string,
  { namespace, server }: ServerOption & NamespaceOption,
): Promise<void> => {
  await new Client(server).request(deletion, { input: { namespace, name } })
  print(`${resourceName(kind, name)} deleted`)
}
