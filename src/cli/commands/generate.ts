import { type Command, Option } from 'commander'
import { type FlagKind, type SpecFlags, specOf, withSpecFlags } from '../manifests/spec-flags.ts'
import { type DocumentFormat, formatDocument } from '../output/format.ts'
import { print } from '../output/print.ts'

interface Options extends SpecFlags {
  readonly namespace?: string
  readonly output: DocumentFormat
}

const HELP = {
  Listener: `
Examples:
  hark generate listener backend 8080 > backend.yml
  hark generate listener db 5432 --routing-key postgres -n west -o json`,
  Connector: `
Examples:
  hark generate connector backend 8080 --host 10.0.0.7 > backend.yml
  hark generate connector backend 8080 --selector app=backend | hark apply -n east -f -`,
} as const

export const addGenerate = (program: Command): void => {
  const generate = program
    .command('generate')
    .summary('print a manifest')
    .description('Prints the manifest of a listener or a connector. It changes nothing and needs no engine.')
    .helpCommand(false)
  for (const kind of ['Listener', 'Connector'] as const) {
    const command = generate
      .command(kind.toLowerCase())
      .description(`Prints the manifest of a ${kind.toLowerCase()}.`)
      .addHelpText('after', HELP[kind])
      .action((name: string, port: number, options: Options) => show(kind, name, port, options))
    withSpecFlags(command, kind)
      .option('-n, --namespace <namespace>', 'the namespace to write into it (default: none)')
      .addOption(new Option('-o, --output <format>', 'the output format').choices(['yaml', 'json']).default('yaml'))
  }
}

const show = async (kind: FlagKind, name: string, port: number, options: Options): Promise<void> => {
  const { buildManifest } = await import('../manifests/build-manifest.ts')
  print(await formatDocument(buildManifest(kind, name, options.namespace, specOf(name, port, options)), options.output))
}
