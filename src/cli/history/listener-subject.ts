import type { Command } from 'commander'
import { usageError } from '../errors.ts'
import { listeners } from '../resources/listeners.ts'
import { multiKeyListeners } from '../resources/multi-key-listeners.ts'
import { oneResource } from '../resources/selection.ts'
import type { ChangeScope } from './changes.ts'

export const LISTENER_KINDS = [listeners, multiKeyListeners]

export type ListenerSubject = ReturnType<typeof oneResource<(typeof LISTENER_KINDS)[number]>>

export const isMultiKey = (kind: string): boolean => kind === multiKeyListeners.kind

export interface ListenerOption {
  readonly listener?: string
}

/** `listener backend`, `multikeylistener/backend` or `--listener backend`. */
export const withListener = (command: Command, description: string): Command =>
  command
    .argument('[kind]', `listener or multikeylistener, or listener/NAME: ${description}`)
    .argument('[name]', 'its name')
    .option('--listener <name>', 'the same as listener NAME')

export const listenerSubject = (
  words: readonly (string | undefined)[],
  { listener }: ListenerOption,
): ListenerSubject | undefined => {
  const isNamed = words.some(word => word !== undefined)
  if (listener === undefined) return isNamed ? oneResource(words, LISTENER_KINDS) : undefined
  if (isNamed) throw usageError('use a kind with a name or --listener, not both')
  return { kind: listeners, name: listener }
}

export const changesOf = (subject: ListenerSubject | undefined): Pick<ChangeScope, 'listener' | 'multiKeyListener'> => {
  if (subject === undefined) return {}
  const { kind, name } = subject
  return isMultiKey(kind.kind) ? { multiKeyListener: name } : { listener: name }
}
