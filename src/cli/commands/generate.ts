import { type Command, Option } from 'commander'
import { type ConnectorOptions, connectorSpec, withConnectorOptions } from '../manifests/connector.ts'
import { type ListenerOptions, listenerSpec, withListenerOptions } from '../manifests/listener.ts'
import { type DocumentFormat, formatDocument } from '../output/format.ts'
import { print } from '../output/print.ts'

interface Common {
  readonly namespace?: string
  readonly output: DocumentFormat
}

const LISTENER_HELP = `
Examples:
  hark generate listener backend 8080 > backend.yml
  hark generate listener db 5432 --routing-key postgres -n west -o json`

const CONNECTOR_HELP = `
Examples:
  hark generate connector backend 8080 --host 10.0.0.7 > backend.yml
  hark generate connector backend 8080 --selector app=backend | hark apply -n east -f -`

export const addGenerate = (program: Command): void => {
  const generate = program
    .command('generate')
    .summary('print a manifest')
    .description('Prints the manifest of a listener or a connector and changes nothing. It needs no engine.')
    .helpCommand(false)
  const listener = generate
    .command('listener')
    .description('Prints the manifest of a listener.')
    .addHelpText('after', LISTENER_HELP)
    .action((name: string, port: number, options: ListenerOptions & Common) =>
      show('Listener', name, listenerSpec(name, port, options), options),
    )
  withCommon(withListenerOptions(listener))
  const connector = generate
    .command('connector')
    .description('Prints the manifest of a connector.')
    .addHelpText('after', CONNECTOR_HELP)
    .action((name: string, port: number, options: ConnectorOptions & Common) =>
      show('Connector', name, connectorSpec(name, port, options), options),
    )
  withCommon(withConnectorOptions(connector))
}

const withCommon = (command: Command): Command =>
  command
    .option('-n, --namespace <namespace>', 'a namespace to write into it (without one, whoever applies it says)')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'))

const show = async (
  kind: 'Listener' | 'Connector',
  name: string,
  spec: object,
  { namespace, output }: Common,
): Promise<void> => {
  const { manifestOf } = await import('../manifests/build-manifest.ts')
  print(await formatDocument(manifestOf(kind, name, namespace, spec), output))
}
