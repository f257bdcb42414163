import type { Command } from 'commander'
import { clientOf } from '../client/client.ts'
import { RouterConfigDocument } from '../client/generated.ts'
import { hadBegun, NOT_BEGUN } from '../client/pagination.ts'
import { CliError } from '../errors.ts'
import { type AtOption, withAt } from '../moment.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'

const HELP = `
Examples:
  hark router-config -n west > skrouterd.json
  hark router-config -n west --at 2026-11-22T02:14:00Z`

export const addRouterConfig = (program: Command): void => {
  const command = program
    .command('router-config')
    .summary('print the router configuration of a site')
    .description('Prints the desired configuration of the router of a site, in the format of skrouterd.json.')
    .addHelpText('after', HELP)
    .action(routerConfig)
  withServer(withNamespace(withAt(command, 'the configuration at that moment')))
}

const routerConfig = async ({ namespace, at, ...server }: ServerOption & NamespaceOption & AtOption): Promise<void> => {
  const client = clientOf(server)
  if (!(await hadBegun(client, at, namespace))) throw new CliError(NOT_BEGUN)
  const { routerConfig } = await client.request(RouterConfigDocument, { namespace, at })
  print(routerConfig.json.trimEnd())
}
