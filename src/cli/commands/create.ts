import { type Command, Option } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import { ApplyDocument } from '../client/generated.ts'
import { DRY_RUN, type DryRunOption, dryRunOption, isDryRun } from '../dry-run.ts'
import { CliError, serverLine } from '../errors.ts'
import { type SpecFlags, specOf, withSpecFlags } from '../manifests/spec-flags.ts'
import {
  examplesOf,
  type NamespaceOption,
  type ServerOption,
  type WaitOptions,
  withNamespace,
  withServer,
  withWait,
} from '../options.ts'
import { type DocumentFormat, formatDocument } from '../output/format.ts'
import { print } from '../output/print.ts'
import { aKind, CONDITIONED_KINDS } from '../resources/kinds.ts'
import { type ConditionedKind, resourceName, singular, toManifest } from '../resources/resource.ts'
import { notFound } from '../resources/search.ts'

type Options = SpecFlags &
  ServerOption &
  NamespaceOption &
  WaitOptions &
  DryRunOption & { readonly output?: DocumentFormat | 'name' }

export const defineCreate = (command: Command, kind: ConditionedKind): void => {
  command
    .summary(`create a ${singular(kind)}`)
    .description(`Creates a ${singular(kind)}.`)
    .addOption(dryRunOption('create nothing; client also needs no engine'))
    .addOption(new Option('-o, --output <format>', 'print the resource, or its name').choices(['json', 'yaml', 'name']))
    .addHelpText('after', examplesOf(command, kind.examples.create))
    .action((name: string, port: number, options: Options) => createResource(kind, name, port, options))
  withServer(withNamespace(withWait(withSpecFlags(command, kind), 'it has been Ready')))
}

export const addCreate = (program: Command): void => {
  const create = program
    .command('create')
    .summary(`create ${aKind(CONDITIONED_KINDS)}`)
    .description(`Creates ${aKind(CONDITIONED_KINDS)}.`)
    .helpCommand(false)
  for (const kind of CONDITIONED_KINDS) defineCreate(create.command(singular(kind)), kind)
}

const createResource = async (kind: ConditionedKind, name: string, port: number, options: Options): Promise<void> => {
  const { buildManifest } = await import('../manifests/build-manifest.ts')
  const { namespace, dryRun, output } = options
  const manifest = buildManifest(kind.kind, name, namespace, specOf(kind, name, port, options))
  const client = clientOf(options)
  if (!isDryRun(dryRun)) {
    await client.request(kind.creation, { input: { ...manifest.metadata, spec: manifest.spec } })
    print(await createdText(kind, name, output, () => createdManifest(client, kind, namespace, name)))
    if (options.wait) await waitUntil(client, kind, namespace, name, options.timeout)
    return
  }
  if (dryRun !== 'client') await assertCreatable(client, kind, name, manifest)
  const text = await createdText(kind, name, output, async () => manifest)
  print(output === undefined ? `${text}${DRY_RUN}` : text)
}

const createdText = async (
  { kind }: ConditionedKind,
  name: string,
  output: Options['output'],
  read: () => Promise<object>,
): Promise<string> => {
  const text = resourceName(kind, name)
  if (output === undefined) return `${text} created`
  return output === 'name' ? text : formatDocument(await read(), output)
}

const createdManifest = async (
  client: Client,
  kind: ConditionedKind,
  namespace: string,
  name: string,
): Promise<object> => {
  const [resource] = await kind.list(client, { namespace, name })
  if (resource === undefined) throw new CliError(notFound(kind, name, namespace))
  return toManifest(kind, resource)
}

const assertCreatable = async (
  client: Client,
  kind: ConditionedKind,
  name: string,
  manifest: { readonly metadata: object },
): Promise<void> => {
  const { apply } = await client.request(ApplyDocument, { input: { manifests: [manifest], dryRun: true } })
  if (apply.results[0]?.action !== 'Created')
    throw new CliError(serverLine('AlreadyExists', `${kind.kind} ${name} exists already`))
}

const waitUntil = async (
  client: Client,
  { kind }: ConditionedKind,
  namespace: string,
  name: string,
  timeout: number,
): Promise<void> => {
  const { waitUntilReady } = await import('../resources/wait.ts')
  await waitUntilReady(client, [{ kind, namespace, name }], timeout)
}
