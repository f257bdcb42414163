import type { Command } from 'commander'
import { clientOf } from '../../client/client.ts'
import { UpdateSiteDocument } from '../../client/generated.ts'
import { CliError, usageError } from '../../errors.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { print } from '../../output/print.ts'
import { type ResourceKind, resourceName, singular, withoutNulls } from '../../resources/resource.ts'
import { notFound } from '../../resources/search.ts'

interface Properties {
  readonly linkAccess?: string
  readonly defaultIssuer?: string
  readonly serviceAccount?: string
  readonly ha?: boolean
  readonly edge?: boolean
}

type Options = Properties & ServerOption & NamespaceOption

/** Makes `update site` or `site update` of a command. */
export const defineSiteUpdate = (command: Command, kind: ResourceKind): void => {
  command
    .summary(`change a ${singular(kind)}`)
    .description(`Changes a ${singular(kind)}. Properties without a flag keep their values.`)
    .argument('<name>', `the name of the ${singular(kind)}`)
    .option('--link-access <access>', 'how other sites reach it: none, default, route, loadbalancer or ingress')
    .option('--default-issuer <name>', 'the Secret with the authority that signs certificates for tokens')
    .option('--service-account <name>', "the service account of the site's router")
    .option('--ha', 'run two routers')
    .option('--no-ha', 'run one router')
    .option('--edge', 'accept no links from other sites')
    .option('--no-edge', 'accept links from other sites')
    .addHelpText(
      'after',
      examplesText([`hark ${command.parent?.name()} ${command.name()} west --ha -n hello-world-west`]),
    )
    .action((name: string, options: Options) => update(kind, name, options))
  withServer(withNamespace(command))
}

const update = async (kind: ResourceKind, name: string, options: Options): Promise<void> => {
  const { namespace, linkAccess, defaultIssuer, serviceAccount, ha, edge } = options
  const changes = withoutUndefined({ linkAccess, defaultIssuer, serviceAccount, ha, edge })
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

const withoutUndefined = (properties: object): object =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))
