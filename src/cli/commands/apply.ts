import type { Command } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import { executeDeletions } from '../client/execute-commands.ts'
import { DRY_RUN, type DryRunOption, dryRunOption, isDryRun } from '../dry-run.ts'
import { CliError, usageError } from '../errors.ts'
import type { Applied, ApplyMode, Sent } from '../manifests/apply-manifests.ts'
import type { SourceDocument } from '../manifests/documents.ts'
import {
  type NamespaceOption,
  type ServerOption,
  type WaitOptions,
  withNamespace,
  withServer,
  withWait,
} from '../options.ts'
import { note, print, printWarning } from '../output/print.ts'
import { KINDS, pluralsOf } from '../resources/kinds.ts'
import { resourceName } from '../resources/resource.ts'
import { type SelectorOption, withSelector } from '../resources/selectors.ts'

interface Options extends ServerOption, NamespaceOption, WaitOptions, SelectorOption, DryRunOption {
  readonly filename: readonly string[]
  readonly replace?: true
  readonly prune?: true
}

const HELP = `
All documents are applied, or none: if any is invalid, every fault is reported. Other kinds are skipped with a note, with
a warning for each that is Skupper's. Unchanged resources stay as they are. Listeners may swap host and port: conflicts are
checked after all documents.

A document with metadata.resourceVersion or uid, as "hark get -o yaml" prints them, is rejected if the spec, labels or
annotations of the resource have changed since, or if it is another resource. Without them, the last writer wins.

A change of a property that cannot be changed is rejected. With --replace, the engine deletes such a resource and creates it
again in one step; its connections end, and its history continues.

Labels and annotations of a document replace those of its resource, which keeps its own if a document has none. With -l,
documents without matching labels are left out. With --prune, resources that match -l and are in no document are deleted
after everything else was applied: of the kinds and namespaces of the documents only.

Examples:
  hark apply -f listener.yml -n west
  hark apply -f manifests/ --dry-run
  hark get listeners -n west -o yaml | hark apply -f -
  hark apply -f west/ -n west --wait --timeout 2m
  hark apply -f listener.yml --replace
  hark apply -f west/ -n west --prune -l app.kubernetes.io/part-of=shop --dry-run`

export const addApply = (program: Command): void => {
  const command = program
    .command('apply')
    .summary('create or change resources from manifests')
    .description(`Creates or changes ${pluralsOf(KINDS)} from YAML or JSON manifests.`)
    .requiredOption('-f, --filename <path...>', 'files, folders (recursively), or - for standard input')
    .addOption(dryRunOption('print what would change, as the engine decides, and change nothing'))
    .option('--replace', 'delete and create resources that cannot be changed otherwise')
    .option('--prune', 'delete resources that match -l and are in no manifest')
    .addHelpText('after', HELP)
    .action(apply)
  withServer(
    withNamespace(
      withSelector(
        withWait(command, 'every listener, connector and multikeylistener has been Ready'),
        'only manifests whose labels match',
      ),
      'the namespace of manifests without one',
    ),
  )
}

const apply = async (options: Options): Promise<void> => {
  const { filename, namespace, wait, timeout } = options
  const { selector, prune } = options
  if (prune && !selector?.trim()) throw usageError('--prune needs -l, which selects what may be deleted')
  const dryRun = isDryRun(options.dryRun)
  const mode = { dryRun, replace: options.replace === true }
  const { readManifests } = await import('../manifests/read-manifests.ts')
  const { documents: all, faults } = await readManifests(filename)
  const client = clientOf(options)
  const documents = selector === undefined ? all : await selected(all, selector)
  if (documents.length < all.length && documents.length === 0) note(`No manifest matches -l ${selector}.`)
  if (faults.length > 0) throw new CliError([...faults, ...(await otherFaults(client, documents, namespace, mode))])
  const { results, failure } = await send(client, documents, namespace, mode)
  for (const [position, result] of results.entries()) {
    print(resultLine(result, documents[result.index ?? position]?.value, dryRun))
    const { kind, name, action, message } = result
    if (action !== 'Skipped' && message !== '') printWarning(`${kind.toLowerCase()}/${name}: ${message}`)
  }
  warnOfOtherKinds(results)
  if (failure !== undefined) throw failure
  if (prune) await pruneOthers(client, all, options)
  if (!wait || dryRun) return
  const { waitUntilReady } = await import('../resources/wait.ts')
  const applied = results.filter(({ action }) => action !== 'Skipped')
  await waitUntilReady(client, applied, timeout)
}

/** The message of a skipped document begins with its apiVersion. */
const warnOfOtherKinds = (results: readonly Applied[]): void => {
  const ofSkupper = results.filter(({ action, message }) => action === 'Skipped' && message.startsWith('skupper.io/'))
  for (const kind of new Set(ofSkupper.map(result => result.kind)))
    printWarning(`Hark does not handle Skupper's kind ${kind}`)
}

const selected = async (documents: readonly SourceDocument[], selector: string): Promise<readonly SourceDocument[]> => {
  const { isSelected } = await import('../manifests/select-by-label.ts')
  return documents.filter(isSelected(selector))
}

/** A document that -l leaves out still protects its resource. */
const pruneOthers = async (
  client: Client,
  documents: readonly SourceDocument[],
  { namespace, selector = '', dryRun }: Options,
): Promise<void> => {
  const { prunable } = await import('../manifests/prune.ts')
  const unwanted = await prunable(client, documents, namespace, selector)
  const isDry = isDryRun(dryRun)
  const failures = new Set<string>()
  for await (const { item, rejection } of executeDeletions(client, unwanted, isDry)) {
    if (rejection === undefined) print(`${resourceName(item.kind.kind, item.name)} pruned${isDry ? DRY_RUN : ''}`)
    else for (const line of rejection.lines) failures.add(line)
  }
  if (failures.size > 0) throw new CliError([...failures])
}

const otherFaults = async (
  client: Client,
  documents: readonly SourceDocument[],
  namespace: string,
  mode: ApplyMode,
): Promise<readonly string[]> =>
  (await send(client, documents, namespace, { ...mode, dryRun: true })).failure?.lines ?? []

const send = async (
  client: Client,
  documents: readonly SourceDocument[],
  namespace: string,
  mode: ApplyMode,
): Promise<Sent> => {
  if (documents.length === 0) return { results: [] }
  const { applyManifests } = await import('../manifests/apply-manifests.ts')
  return applyManifests(client, documents, namespace, mode)
}

/** Follows kubectl: `listener.skupper.io/backend created`. */
const resultLine = ({ kind, name, action, message }: Applied, manifest: unknown, dryRun: boolean): string => {
  const resource = resourceText(kind, name, manifest)
  if (action === 'Skipped') return `${resource} skipped: ${message}`
  return `${resource} ${action.toLowerCase()}${dryRun ? DRY_RUN : ''}`
}

const resourceText = (kind: string, name: string, manifest: unknown): string => {
  const { apiVersion = '' } = manifest as { apiVersion?: string }
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : []
  return `${[kind.toLowerCase(), group].filter(part => part !== undefined).join('.')}/${name}`
}
