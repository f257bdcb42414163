import type { Command } from 'commander'
import { clientOf } from '../../client/client.ts'
import { UpdateSiteDocument } from '../../client/generated.ts'
import { CliError, usageError } from '../../errors.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { print } from '../../output/print.ts'
import { type ResourceKind, resourceName, singular, withoutNulls } from '../../resources/resource.ts'
import { notFound } from '../../resources/search.ts'
import { propertiesOf, type SiteProperties, withSiteProperties } from './site-properties.ts'

type Options = SiteProperties & ServerOption & NamespaceOption

export const defineSiteUpdate = (command: Command, kind: ResourceKind): void => {
  command
    .summary(`change a ${singular(kind)}`)
    .description(`Changes a ${singular(kind)}. Properties without a flag keep their values.`)
    .argument('<name>', `the name of the ${singular(kind)}`)
    .addHelpText(
      'after',
      examplesText([`hark ${command.parent?.name()} ${command.name()} west --ha -n hello-world-west`]),
    )
    .action((name: string, options: Options) => update(kind, name, options))
  withServer(withNamespace(withSiteProperties(command)))
}

const update = async (kind: ResourceKind, name: string, options: Options): Promise<void> => {
  const { namespace } = options
  const changes = propertiesOf(options)
  if (Object.keys(changes).length === 0) throw usageError('nothing to change: see --help')
  const client = clientOf(options)
  const [site] = await kind.list(client, { namespace, name })
  if (site === undefined) throw new CliError(notFound(kind, name, namespace))
  const before = withoutNulls(site.spec)
  const changed = Object.entries(changes).some(([property, value]) => before[property] !== value)
  const input = {
    namespace,
    name,
    spec: { ...before, ...changes },
    expectedResourceVersion: site.metadata.resourceVersion,
  }
  if (changed) await client.request(UpdateSiteDocument, { input })
  print(`${resourceName(kind.kind, name)} ${changed ? 'configured' : 'unchanged'}`)
}
