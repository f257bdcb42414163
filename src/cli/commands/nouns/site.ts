import { type Command, Option } from 'commander'
import { type Client, clientOf } from '../../client/client.ts'
import { ServerError } from '../../client/errors.ts'
import { ApplyDocument } from '../../client/generated.ts'
import { CliError, serverLine } from '../../errors.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { type DocumentFormat, formatDocument } from '../../output/format.ts'
import { print } from '../../output/print.ts'
import { type ResourceKind, resourceName, singular } from '../../resources/resource.ts'
import { propertiesOf, type SiteProperties, withSiteProperties } from './site-properties.ts'

type Options = SiteProperties & ServerOption & NamespaceOption

interface GenerateOptions extends SiteProperties {
  readonly namespace?: string
  readonly output: DocumentFormat
}

/** Sites have no creation of their own: a manifest is applied. */
export const defineSiteCreate = (command: Command, kind: ResourceKind): void => {
  command
    .summary(`create a ${singular(kind)}`)
    .description(`Creates the ${singular(kind)} of a namespace, which gives its router a name.`)
    .argument('<name>', `the name of the ${singular(kind)}`)
    .addHelpText(
      'after',
      examplesText(['hark site create west -n hello-world-west', 'hark site create west --link-access default --ha']),
    )
    .action((name: string, options: Options) => create(kind, name, options))
  withServer(withNamespace(withSiteProperties(command)))
}

export const defineSiteGenerate = (command: Command, kind: ResourceKind): void => {
  withSiteProperties(command)
    .summary(`print the manifest of a ${singular(kind)}`)
    .description(`Prints the manifest of a ${singular(kind)}. It changes nothing and needs no engine.`)
    .argument('<name>', `the name of the ${singular(kind)}`)
    .option('-n, --namespace <namespace>', 'the namespace to write into it (default: none)')
    .addOption(new Option('-o, --output <format>', 'the output format').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', examplesText(['hark site generate west > site.yml']))
    .action(async (name: string, options: GenerateOptions) => {
      const { buildManifest } = await import('../../manifests/build-manifest.ts')
      const { namespace, output } = options
      print(await formatDocument(buildManifest(kind.kind, name, namespace, propertiesOf(options)), output))
    })
}

/** A site that is listed may be undeclared: a router is attached to its namespace. */
const isCreatable = async (client: Client, manifest: object): Promise<boolean> => {
  try {
    const { apply } = await client.request(ApplyDocument, { input: { manifests: [manifest], dryRun: true } })
    return apply.results[0]?.action === 'Created'
  } catch (error) {
    if (error instanceof ServerError && error.errors.every(({ extensions }) => extensions?.code === 'ALREADY_EXISTS'))
      return false
    throw error
  }
}

const create = async (kind: ResourceKind, name: string, options: Options): Promise<void> => {
  const { buildManifest } = await import('../../manifests/build-manifest.ts')
  const { namespace } = options
  const manifest = buildManifest(kind.kind, name, namespace, propertiesOf(options))
  const client = clientOf(options)
  const [existing] = await kind.list(client, { namespace })
  if (existing !== undefined && !(await isCreatable(client, manifest)))
    throw new CliError(
      serverLine('AlreadyExists', `namespace ${namespace} has ${singular(kind)} ${existing.metadata.name} already`),
    )
  await client.request(ApplyDocument, { input: { manifests: [manifest] } })
  print(`${resourceName(kind.kind, name)} created`)
}
