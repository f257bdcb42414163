import type { Command } from 'commander'
import { Client } from '../client/client.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'

const HELP = `
Example:
  hark router-config -n west > skrouterd.json`

const QUERY = 'query RouterConfig($namespace: String!) { routerConfig(namespace: $namespace) { json } }'

export const addRouterConfig = (program: Command): void => {
  const command = program
    .command('router-config')
    .summary("print what a site's router is to run")
    .description("Prints what the router of a namespace's site is to run, as the file skrouterd.json.")
    .addHelpText('after', HELP)
    .action(routerConfig)
  withServer(withNamespace(command))
}

const routerConfig = async ({ namespace, server }: ServerOption & NamespaceOption): Promise<void> => {
  const operation = { query: QUERY, variables: { namespace } }
  const { routerConfig } = await new Client(server).request<{ routerConfig: { json: string } }>(operation)
  print(routerConfig.json.trimEnd())
}
