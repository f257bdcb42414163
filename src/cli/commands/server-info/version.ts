import { type Command, Option } from 'commander'
import { clientOf } from '../../client/client.ts'
import { HeadDocument } from '../../client/generated.ts'
import { buildIn, readMetrics } from '../../client/metrics.ts'
import { examplesText, type ServerOption, withServer } from '../../options.ts'
import { type DocumentFormat, formatDocument } from '../../output/format.ts'
import { print } from '../../output/print.ts'
import { ownVersions } from './own-versions.ts'

interface Options extends ServerOption {
  readonly client?: true
  readonly output: 'text' | DocumentFormat
}

export const addVersion = (program: Command): void => {
  const command = program
    .command('version')
    .summary('print the versions of this command and of the engine')
    .description('Prints the versions of this command and of the engine, each with that of its Node.js.')
    .option('--client', 'only this command: needs no engine')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', examplesText(['hark version', 'hark version --client -o json']))
    .action(version)
  withServer(command)
}

const version = async (options: Options): Promise<void> => {
  const { output } = options
  const own = ownVersions()
  if (output === 'text') print(`Client: ${own.version} (Node.js ${own.node})`)
  const engine = options.client ? undefined : await engineBuild(options)
  if (output !== 'text') {
    print(await formatDocument({ client: own, ...(engine && { engine }) }, output))
  } else if (engine !== undefined) {
    print(`Engine: ${engine.version}${engine.node === undefined ? '' : ` (Node.js ${engine.node})`}`)
  }
}

const UNKNOWN = { version: 'not shown to you', node: undefined }

const engineBuild = async (options: Options) => {
  const client = clientOf(options)
  await client.request(HeadDocument, {})
  return buildIn(await readMetrics(client)) ?? UNKNOWN
}
