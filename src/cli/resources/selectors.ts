import type { Command } from 'commander'
import { usageError } from '../errors.ts'

export interface SelectorOption {
  readonly selector?: string
}

export interface SelectorOptions extends SelectorOption {
  readonly fieldSelector?: string
  readonly all?: true
}

export const withSelector = (command: Command, what = 'only resources whose labels match'): Command =>
  command.option('-l, --selector <query>', `${what}: app=backend, tier!=test, tier in (web,api), tier or !tier`)

export const withSelectors = (command: Command): Command =>
  withSelector(command).option(
    '--field-selector <query>',
    'only resources whose fields match: metadata.name=backend, spec.port!=8080 or status.status=Error',
  )

const FLAGS = { selector: '-l', fieldSelector: '--field-selector', all: '--all' } as const

const flagsIn = (options: SelectorOptions): readonly string[] =>
  Object.entries(FLAGS).flatMap(([name, flag]) => (options[name as keyof typeof FLAGS] === undefined ? [] : [flag]))

export const isSelecting = (options: SelectorOptions): boolean => flagsIn(options).length > 0

/** An empty selector is more often an unset variable than intended. */
export const assertSelects = (options: SelectorOptions): void => {
  const { selector, fieldSelector, all } = options
  const [flag] = flagsIn(options)
  if (all && flag !== FLAGS.all) throw usageError(`use ${flag} or --all, not both`)
  for (const [name, text] of [
    [FLAGS.selector, selector],
    [FLAGS.fieldSelector, fieldSelector],
  ])
    if (text !== undefined && /^[\s,]*$/.test(text))
      throw usageError(`the selector of ${name} is empty: use --all for all resources of a kind`)
}

export const assertSelectorAlone = (
  selection: readonly { readonly names: readonly string[] }[],
  options: SelectorOptions,
): void => {
  const flag = flagsIn(options).at(-1)
  if (flag === undefined || selection.every(({ names }) => names.length === 0)) return
  throw usageError(`name resources, or select them with ${flag}, not both`)
}
