import type { Command } from 'commander'
import { Client } from '../client/client.ts'
import { DeleteConnectorDocument, DeleteListenerDocument } from '../client/generated.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'
import { kindArgument } from '../resources/kinds.ts'
import { type ResourceKind, resourceName } from '../resources/resource.ts'

const HELP = `
The history is kept.

Examples:
  hark delete listener backend -n west
  hark delete connector backend -n east`

export const addDelete = (program: Command): void => {
  const command = program
    .command('delete')
    .summary('delete a listener or a connector')
    .description('Deletes a listener or a connector.')
    .addArgument(kindArgument('<kind>', ['listeners', 'connectors'], 'listener or connector'))
    .argument('<name>', 'its name')
    .addHelpText('after', HELP)
    .action(deleteResource)
  withServer(withNamespace(command))
}

const deleteResource = async (
  { kind }: ResourceKind,
  name: string,
  { namespace, server }: ServerOption & NamespaceOption,
): Promise<void> => {
  const mutation: { readonly query: string } = kind === 'Listener' ? DeleteListenerDocument : DeleteConnectorDocument
  await new Client(server).request(mutation, { input: { namespace, name } })
  print(`${resourceName(kind, name)} deleted`)
}
