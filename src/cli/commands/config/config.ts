import { type Command, Option } from 'commander'
import {
  type Context,
  type Contexts,
  contextNamed,
  contextsFile,
  readContexts,
  writeContexts,
} from '../../contexts/context-file.ts'
import { CliError, usageError } from '../../errors.ts'
import { io } from '../../io.ts'
import { examplesText, serverUrl } from '../../options.ts'
import { type DocumentFormat, formatDocument } from '../../output/format.ts'
import { print } from '../../output/print.ts'
import { type Column, Table } from '../../output/table.ts'

interface Row extends Context {
  readonly name: string
  readonly isCurrent: boolean
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'CURRENT', value: ({ isCurrent }) => (isCurrent ? '*' : '') },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'SERVER', value: ({ server }) => server },
  { title: 'NAMESPACE', value: ({ namespace }) => namespace },
  { title: 'TOKEN', value: ({ token }) => (token === undefined ? 'no' : 'yes') },
]

const HELP = `
A context names a server, a namespace and a token. They are in ~/.config/hark/config.yaml (or below XDG_CONFIG_HOME), which
only you can read. A flag comes first, then a variable (HARK_SERVER, HARK_NAMESPACE, HARK_TOKEN), then the context in use:
--context, HARK_CONTEXT or the current one. A token is sent to the server of its context only.

Examples:
  hark config set-context production --server https://hark.example --namespace west
  hark config set-context production --token - < token.txt
  hark config use-context production
  hark --context production get listeners`

const HIDDEN = '[hidden]'

const checkedUrl = (text: string): string => {
  serverUrl(text)
  return text
}

export const addConfig = (program: Command): void => {
  const config = program
    .command('config')
    .summary('name engines, and choose one')
    .description('Manages contexts: names for engines, with a namespace and a token.')
    .helpCommand(false)
    .addHelpText('after', HELP)
  config
    .command('get-contexts')
    .summary('list contexts')
    .description('Lists the contexts.')
    .argument('[name]', 'one context (default: all)')
    .addOption(new Option('-o, --output <format>', 'the output format').choices(['table', 'name']).default('table'))
    .option('--no-headers', 'print the table without titles')
    .addHelpText('after', examplesText(['hark config get-contexts', 'hark config get-contexts -o name']))
    .action(getContexts)
  config
    .command('current-context')
    .summary('print the name of the current context')
    .description('Prints the name of the current context.')
    .addHelpText('after', examplesText(['hark config current-context']))
    .action(currentContext)
  config
    .command('use-context')
    .summary('make a context the current one')
    .description('Makes a context the current one.')
    .argument('<name>', 'the name of the context')
    .addHelpText('after', examplesText(['hark config use-context production']))
    .action(useContext)
  config
    .command('set-context')
    .summary('create or change a context')
    .description('Creates a context, or changes what has a flag. The first one becomes the current one.')
    .argument('[name]', 'the name of the context')
    .option('--current', 'the current context')
    .option('--server <url>', 'the engine', checkedUrl)
    .option('-n, --namespace <namespace>', 'the namespace of commands without -n')
    .option('--token <token>', 'the token; - reads it from standard input')
    .addHelpText(
      'after',
      examplesText([
        'hark config set-context local --server http://127.0.0.1:4000 -n west',
        'hark config set-context --current --namespace east',
      ]),
    )
    .action(setContext)
  config
    .command('delete-context')
    .summary('delete a context')
    .description('Deletes a context.')
    .argument('<name>', 'the name of the context')
    .addHelpText('after', examplesText(['hark config delete-context production']))
    .action(deleteContext)
  config
    .command('rename-context')
    .summary('rename a context')
    .description('Gives a context another name.')
    .argument('<name>', 'the name of the context')
    .argument('<new-name>', 'its new name')
    .addHelpText('after', examplesText(['hark config rename-context production live']))
    .action(renameContext)
  config
    .command('view')
    .summary('print the file')
    .description('Prints the file of contexts, without tokens.')
    .addOption(new Option('-o, --output <format>', 'the output format').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', examplesText(['hark config view']))
    .action(view)
}

interface ListOptions {
  readonly output: 'table' | 'name'
  readonly headers: boolean
}

const getContexts = async (only: string | undefined, { output, headers }: ListOptions): Promise<void> => {
  const read = await readContexts()
  if (only !== undefined) contextNamed(read, only)
  const rows = Object.entries(read.contexts)
    .filter(([name]) => only === undefined || name === only)
    .map(([name, context]) => ({ ...context, name, isCurrent: name === read.currentContext }))
  if (output === 'name') for (const { name } of rows) print(name)
  else for (const line of new Table(COLUMNS, { titles: headers }).lines(rows)) print(line)
}

const currentIn = ({ currentContext }: Contexts): string => {
  if (currentContext === undefined) throw new CliError('there is no current context: see hark config use-context')
  return currentContext
}

const currentContext = async (): Promise<void> => print(currentIn(await readContexts()))

const useContext = async (name: string): Promise<void> => {
  const contexts = await readContexts()
  contextNamed(contexts, name)
  await writeContexts({ ...contexts, currentContext: name })
  print(`Switched to context ${name}.`)
}

const tokenOf = async (text: string | undefined): Promise<string | undefined> => {
  if (text !== '-') return text
  const { text: read } = await import('node:stream/consumers')
  return (await read(io().stdin)).trim()
}

const setContext = async (
  given: string | undefined,
  { current, server, namespace, token: givenToken }: Context & { readonly current?: true },
): Promise<void> => {
  if ((given === undefined) === (current === undefined)) throw usageError('name a context, or use --current')
  if (server === undefined && namespace === undefined && givenToken === undefined)
    throw usageError('nothing to set: use --server, --namespace or --token')
  const token = await tokenOf(givenToken)
  const read = await readContexts()
  const name = given ?? currentIn(read)
  const { contexts, currentContext = name } = read
  const context: Context = {
    ...contexts[name],
    ...(server !== undefined && { server }),
    ...(namespace !== undefined && { namespace }),
    ...(token !== undefined && { token }),
  }
  await writeContexts({ currentContext, contexts: { ...contexts, [name]: context } })
  print(`Context ${name} ${Object.hasOwn(contexts, name) ? 'changed' : 'created'} in ${contextsFile()}.`)
}

const deleteContext = async (name: string): Promise<void> => {
  const read = await readContexts()
  contextNamed(read, name)
  const { [name]: _, ...contexts } = read.contexts
  const { currentContext } = read
  await writeContexts({ ...(currentContext !== undefined && currentContext !== name && { currentContext }), contexts })
  print(`Context ${name} deleted.`)
}

const renameContext = async (name: string, newName: string): Promise<void> => {
  const read = await readContexts()
  contextNamed(read, name)
  if (Object.hasOwn(read.contexts, newName)) throw new CliError(`context ${newName} exists already`)
  const contexts = Object.fromEntries(
    Object.entries(read.contexts).map(([each, context]) => [each === name ? newName : each, context]),
  )
  const { currentContext } = read
  await writeContexts({
    ...(currentContext !== undefined && { currentContext: currentContext === name ? newName : currentContext }),
    contexts,
  })
  print(`Context ${name} renamed to ${newName}.`)
}

const withoutTokens = ({ contexts, ...others }: Contexts): Contexts => ({
  ...others,
  contexts: Object.fromEntries(
    Object.entries(contexts).map(([name, { token, ...context }]) => [
      name,
      { ...context, ...(token !== undefined && { token: HIDDEN }) },
    ]),
  ),
})

const view = async ({ output }: { readonly output: DocumentFormat }): Promise<void> =>
  print(await formatDocument(withoutTokens(await readContexts()), output))
