import { type Command, Option } from 'commander'
import { type SpecFlags, specOf, withSpecFlags } from '../manifests/spec-flags.ts'
import { examplesOf } from '../options.ts'
import { type DocumentFormat, formatDocument } from '../output/format.ts'
import { print } from '../output/print.ts'
import { aKind, CONDITIONED_KINDS } from '../resources/kinds.ts'
import { type ConditionedKind, singular } from '../resources/resource.ts'

interface Options extends SpecFlags {
  readonly namespace?: string
  readonly output: DocumentFormat
}

export const defineGenerate = (command: Command, kind: ConditionedKind): void => {
  command
    .summary(`print the manifest of a ${singular(kind)}`)
    .description(`Prints the manifest of a ${singular(kind)}. It changes nothing and needs no engine.`)
    .addHelpText('after', examplesOf(command, kind.examples.generate))
    .action((name: string, port: number, options: Options) => show(kind, name, port, options))
  withSpecFlags(command, kind)
    .option('-n, --namespace <namespace>', 'the namespace to write into it (default: none)')
    .addOption(new Option('-o, --output <format>', 'the output format').choices(['yaml', 'json']).default('yaml'))
}

export const addGenerate = (program: Command): void => {
  const generate = program
    .command('generate')
    .summary('print a manifest')
    .description(`Prints the manifest of ${aKind(CONDITIONED_KINDS)}. It changes nothing and needs no engine.`)
    .helpCommand(false)
  for (const kind of CONDITIONED_KINDS) defineGenerate(generate.command(singular(kind)), kind)
}

const show = async (kind: ConditionedKind, name: string, port: number, options: Options): Promise<void> => {
  const { buildManifest } = await import('../manifests/build-manifest.ts')
  const manifest = buildManifest(kind.kind, name, options.namespace, specOf(kind, name, port, options))
  print(await formatDocument(manifest, options.output))
}
