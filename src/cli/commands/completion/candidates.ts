import type { Command, Option } from 'commander'
import { arrangeArguments } from '../../arguments.ts'
import { Client, overHttp, tokenOf } from '../../client/client.ts'
import { NamespaceNamesDocument } from '../../client/generated.ts'
import { readContexts } from '../../contexts/context-file.ts'
import { resolveOptions } from '../../contexts/resolve-options.ts'
import type { NamespaceOption, ServerOption } from '../../options.ts'
import { KINDS } from '../../resources/kinds.ts'
import { plural, type ResourceKind, singular } from '../../resources/resource.ts'
import { selectionOf } from '../../resources/selection.ts'

const TIMEOUT_MS = 500
const FORMATS = ['table', 'wide', 'json', 'yaml', 'name', 'jsonpath=', 'custom-columns=']
const GOALS = ['condition=', 'delete', 'create', 'jsonpath=']
const NAMING = ['create', 'generate']

interface Line {
  readonly command: Command
  readonly args: readonly string[]
  readonly options: ReadonlyMap<Option, string>
  readonly pending: Option | undefined
}

const optionIn = (command: Command, word: string): Option | undefined =>
  command.options.find(({ short, long }) => [short, long].includes(word.replace(/=.*$/s, '')))

const readLine = (program: Command, words: readonly string[]): Line => {
  let command = program
  let pending: Option | undefined
  const args: string[] = []
  const options = new Map<Option, string>()
  for (const word of words) {
    if (pending !== undefined) {
      options.set(pending, word)
      pending = undefined
    } else if (word.startsWith('-')) {
      const option = optionIn(command, word)
      if (option?.required && !word.includes('=')) pending = option
      else if (option !== undefined) options.set(option, word.replace(/^[^=]*=?/s, ''))
    } else {
      const subcommand: Command | undefined = command.commands.find(each => each.name() === word)
      if (subcommand === undefined) args.push(word)
      else command = subcommand
    }
  }
  return { command, args, options, pending }
}

const arranged = (program: Command, words: readonly string[]): readonly string[] => {
  const isGroup = (name: string): boolean =>
    program.commands.some(command => command.name() === name && command.commands.length > 0)
  const end = words.at(-1)?.startsWith('-') ? words.length - 1 : words.length
  return [...arrangeArguments(words.slice(0, end), isGroup).args, ...words.slice(end)]
}

const connectionOf = async ({ command, options }: Line): Promise<{ client: Client; namespace: string }> => {
  for (const [option, text] of options) {
    const value = option.parseArg === undefined ? text : option.parseArg(text, undefined)
    command.setOptionValueWithSource(option.attributeName(), value, 'cli')
  }
  await resolveOptions(command)
  const { namespace, ...connection } = command.opts<ServerOption & NamespaceOption>()
  const client = new Client(connection.server, tokenOf(connection), (request, of, requestOptions) =>
    overHttp(request, of, { ...requestOptions, timeoutMs: TIMEOUT_MS }),
  )
  return { client, namespace }
}

const namesOf = async (line: Line, kind: ResourceKind): Promise<string[]> => {
  const { client, namespace } = await connectionOf(line)
  const found = await kind.list(client, { namespace })
  return found.map(({ metadata }) => metadata.name)
}

const namespaces = async (line: Line): Promise<readonly string[]> => {
  const { client } = await connectionOf(line)
  return (await client.request(NamespaceNamesDocument, {})).namespaces
}

const contextNames = async (): Promise<string[]> => Object.keys((await readContexts()).contexts)

const KIND_WORDS = KINDS.flatMap(kind => [singular(kind), plural(kind)])

/** `listener/b` to `listener/backend` */
const references = async (line: Line, current: string): Promise<readonly string[]> => {
  const [kind = '', name] = current.split('/')
  if (name === undefined) return KIND_WORDS.map(word => `${word}/`)
  const [selected] = selectionOf([kind], KINDS)
  return selected === undefined ? [] : (await namesOf(line, selected.kind)).map(each => `${kind}/${each}`)
}

const eventTypes = async (): Promise<readonly string[]> =>
  Object.keys((await import('../../../../schemas/events/events.ts')).EVENTS)

const fieldRequirements = async ({ args: [first] }: Line): Promise<readonly string[]> => {
  const { fieldsOf } = await import('../../resources/field-selector.ts')
  const kinds = first === undefined ? KINDS : selectionOf([first], KINDS).map(({ kind }) => kind)
  return kinds.flatMap(kind => fieldsOf(kind).map(field => `${field}=`))
}

const valuesOf = async (line: Line, option: Option, current: string): Promise<readonly string[]> => {
  if (option.argChoices !== undefined) return option.argChoices
  switch (option.attributeName()) {
    case 'types':
      return eventTypes()
    case 'fieldSelector':
      return fieldRequirements(line)
    case 'namespace':
      return namespaces(line)
    case 'context':
      return contextNames()
    case 'output':
      return FORMATS
    case 'for':
      return line.command.name() === 'events' ? references(line, current) : GOALS
    default:
      return []
  }
}

/** `listener.sp` to `listener.spec` */
const fieldPaths = async (current: string): Promise<readonly string[]> => {
  const [word = '', ...path] = current.split('.').slice(0, -1)
  if (word === '') return KIND_WORDS
  const [selected] = selectionOf([word], KINDS)
  if (selected === undefined) return []
  const [{ manifestFields }, { fieldAt }] = await Promise.all([
    import('../schema/fields.ts'),
    import('../schema/field.ts'),
  ])
  const whole = await manifestFields(selected.kind.kind)
  return fieldAt(whole, path).fields.map(({ name }) => [word, ...path, name].join('.'))
}

const kindNamed = (name: string | undefined): ResourceKind | undefined => KINDS.find(kind => singular(kind) === name)

const argumentsFor = async (line: Line, current: string): Promise<readonly string[]> => {
  const { command, args } = line
  const [argument] = command.registeredArguments
  if (argument?.name() === 'kind') {
    const [first, ...names] = args
    if (current.includes('/')) return references(line, current)
    if (first === undefined) return KIND_WORDS
    const [selected] = first.includes('/') ? [] : selectionOf([first], KINDS)
    return selected === undefined ? [] : (await namesOf(line, selected.kind)).filter(name => !names.includes(name))
  }
  if (argument?.name() === 'field') return args.length > 0 ? [] : fieldPaths(current)
  if (argument?.name() === 'name') {
    if (command.parent?.name() === 'config') return args.length > 0 ? [] : contextNames()
    if (args.length > 0 && !argument.variadic) return []
    const words = [command.name(), command.parent?.name()]
    const kind = kindNamed(words[0]) ?? kindNamed(words[1])
    return kind === undefined || words.some(word => NAMING.includes(word ?? '')) ? [] : namesOf(line, kind)
  }
  return argument?.argChoices ?? []
}

const isVisible = (command: Command): boolean => !command.name().startsWith('_')

/** @param words those after `hark`, the last one up to the cursor */
export const candidatesFor = async (program: Command, words: readonly string[]): Promise<readonly string[]> => {
  const current = words.at(-1) ?? ''
  const line = readLine(program, arranged(program, words.slice(0, -1)))
  const { command, pending } = line
  const all = async (): Promise<readonly string[]> => {
    if (pending !== undefined) return valuesOf(line, pending, current)
    const [, name = '', rest] = /^(--[^=]+)(=.*)?$/s.exec(current) ?? []
    const assigned = rest === undefined ? undefined : optionIn(command, name)
    if (assigned !== undefined)
      return (await valuesOf(line, assigned, current.slice(name.length + 1))).map(value => `${name}=${value}`)
    if (current.startsWith('-')) return [...command.options.map(({ long }) => long ?? ''), '--help']
    if (command.commands.length > 0) return command.commands.filter(isVisible).map(each => each.name())
    return argumentsFor(line, current)
  }
  return [...new Set(await all())].filter(candidate => candidate !== '' && candidate.startsWith(current))
}
