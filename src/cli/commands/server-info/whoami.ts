import { type Command, Option } from 'commander'
import { clientOf } from '../../client/client.ts'
import { ViewerDocument } from '../../client/generated.ts'
import { examplesText, type ServerOption, withServer } from '../../options.ts'
import { fieldLines } from '../../output/fields.ts'
import { type DocumentFormat, formatDocument } from '../../output/format.ts'
import { print } from '../../output/print.ts'

interface Options extends ServerOption {
  readonly output: 'text' | DocumentFormat
}

/** Makes `whoami` or `auth whoami` of a command. */
export const addWhoami = (parent: Command): void => {
  const prefix = parent.name() === 'auth' ? 'hark auth whoami' : 'hark whoami'
  const command = parent
    .command('whoami')
    .summary('print your name, roles and permissions')
    .description('Prints who you are to the engine: name, roles and permissions.')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', examplesText([prefix, `${prefix} -o json`]))
    .action(whoami)
  withServer(command)
}

const whoami = async (options: Options): Promise<void> => {
  const { viewer } = await clientOf(options).request(ViewerDocument, {})
  if (options.output !== 'text') {
    print(await formatDocument(viewer, options.output))
    return
  }
  const { name, roles, permissions, requiresToken } = viewer
  const may = permissions.map(({ permission, namespaces }) => [
    `may ${permission}`,
    namespaces === null ? 'all namespaces' : namespaces.join(', '),
  ])
  const lines = fieldLines({
    name,
    roles: roles.join(', '),
    ...Object.fromEntries(may),
    ...(!requiresToken && { authentication: 'not required: this engine has no tokens' }),
  })
  for (const line of lines) print(line)
}
