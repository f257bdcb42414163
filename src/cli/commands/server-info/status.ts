import { type Command, Option } from 'commander'
import { clientOf } from '../../client/client.ts'
import { serverName } from '../../client/errors.ts'
import { examplesText, type ServerOption, withServer } from '../../options.ts'
import { fieldLines } from '../../output/fields.ts'
import { type DocumentFormat, formatDocument } from '../../output/format.ts'
import { print } from '../../output/print.ts'
import { Table } from '../../output/table.ts'
import { sizeText } from '../../output/text.ts'
import { NAMESPACE } from '../../resources/resource.ts'
import { sites } from '../../resources/sites.ts'
import { type EngineStatus, readStatus } from './read-status.ts'

interface Options extends ServerOption {
  readonly output: 'text' | DocumentFormat
}

const HIDDEN = 'not shown to you'

export const addStatus = (program: Command): void => {
  const command = program
    .command('status')
    .summary('show the engine, its store, routers and resources in one screen')
    .description('Shows the engine, its store, whether it signs, its routers, and how many resources it has.')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', examplesText(['hark status', 'hark status -o json']))
    .action(status)
  withServer(command)
}

const status = async (options: Options): Promise<void> => {
  const found = await readStatus(clientOf(options))
  if (options.output !== 'text') {
    const { routers, ...others } = found
    const documents = routers?.map(({ metadata, router }) => ({
      site: metadata.name,
      namespace: metadata.namespace,
      ...router,
    }))
    print(
      await formatDocument(
        { server: serverName(options.server), ...others, ...(documents && { routers: documents }) },
        options.output,
      ),
    )
    return
  }
  for (const line of lines(serverName(options.server), found)) print(line)
}

const stateText = ({ state }: EngineStatus): string =>
  [state.ready ? 'ready' : 'not ready', ...state.reasons].join('; ')

const storeText = ({ store, position }: EngineStatus): string => {
  const facts = [
    // Only SQLite has a size.
    ...(store?.bytes === undefined ? [] : [`SQLite, ${sizeText(store.bytes)}`]),
    ...(store?.writable === false ? ['cannot write'] : []),
    ...(store?.live === false ? ['does not respond'] : []),
    `position ${position}`,
  ]
  return facts.join(', ')
}

const signingText = ({ signing }: EngineStatus): string => {
  if (signing === undefined) return HIDDEN
  const last = signing.lastCheckpoint === undefined ? 'no checkpoint yet' : `last checkpoint ${signing.lastCheckpoint}`
  return `${signing.isSigning ? 'yes' : 'not by this engine'}, ${last}`
}

const rebuildText = ({ stage, startedAt, actor, done, total }: NonNullable<EngineStatus['rebuild']>): string => {
  const percent = total === 0 ? 0 : Math.floor((100 * done) / total)
  return `${stage.toLowerCase()} read models, ${percent} %, since ${startedAt}, by ${actor}`
}

const countsText = (counts: EngineStatus['listeners']): string =>
  counts === undefined
    ? HIDDEN
    : `${counts.all}: ${counts.Ready} Ready, ${counts.Pending} Pending, ${counts.Error} Error`

const routersText = ({ routers }: EngineStatus): string =>
  routers === undefined
    ? HIDDEN
    : `${routers.filter(({ router }) => router.connection === 'Connected').length} of ${routers.length} connected`

const lines = (server: string, found: EngineStatus): string[] => {
  const { build, you, namespaces, connectors, routers = [] } = found
  return [
    ...fieldLines({
      engine: `${server}, ${build === undefined ? 'version not shown to you' : `version ${build.version}`}`,
      state: stateText(found),
      store: storeText(found),
      ...(found.rebuild && { rebuild: rebuildText(found.rebuild) }),
      signing: signingText(found),
      you: `${you.name}${you.roles.length === 0 ? '' : ` (${you.roles.join(', ')})`}`,
      namespaces: namespaces.length,
      listeners: countsText(found.listeners),
      connectors: connectors ?? HIDDEN,
      routers: routersText(found),
    }),
    ...(routers.length === 0
      ? []
      : ['', ...new Table([NAMESPACE, ...sites.columns, sites.message]).lines(routers as never)]),
  ]
}
