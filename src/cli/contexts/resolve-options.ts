import { existsSync } from 'node:fs'
import { type Command, InvalidArgumentError, type Option } from 'commander'
import { CliError } from '../errors.ts'
import { io } from '../io.ts'
import { type Context, contextNamed, contextsFile, readContexts } from './context-file.ts'

const parsed = (option: Option, text: string, source: string): unknown => {
  try {
    return option.parseArg === undefined ? text : option.parseArg(text, undefined)
  } catch (error) {
    throw error instanceof InvalidArgumentError ? new CliError(`${source}: ${error.message}`) : error
  }
}

const contextOf = async (
  command: Command,
): Promise<{ readonly name: string; readonly context: Context } | undefined> => {
  if (!command.options.some(option => option.attributeName() === 'context')) return undefined
  const named = command.opts<{ context?: string }>().context ?? (io().env.HARK_CONTEXT || undefined)
  if (named === undefined && !existsSync(contextsFile())) return undefined
  const contexts = await readContexts()
  const name = named ?? contexts.currentContext
  return name === undefined ? undefined : { name, context: contextNamed(contexts, name) }
}

/** The token of a context is used for its server only. */
export const resolveOptions = async (command: Command): Promise<void> => {
  const { env } = io()
  const used = await contextOf(command)
  for (const option of command.options) {
    const name = option.attributeName()
    if (option.envVar === undefined || command.getOptionValueSource(name) === 'cli') continue
    const variable = env[option.envVar] || undefined
    const inContext = used?.context[name as keyof Context]
    if (variable !== undefined) command.setOptionValueWithSource(name, parsed(option, variable, option.envVar), 'env')
    else if (inContext !== undefined && used !== undefined) {
      command.setOptionValueWithSource(name, parsed(option, inContext, `${name} of context ${used.name}`), 'context')
      if (name === 'server') command.setOptionValueWithSource('token', used.context.token, 'context')
    } else command.setOptionValueWithSource(name, option.defaultValue, 'default')
  }
}
