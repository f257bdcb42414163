import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { RESOURCE_PREFIXES, routerStream } from '../../../schemas/events/streams.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import type { EventFilter } from './types.ts'

export const prefixesOf = ({ namespace, name = '' }: EventFilter): readonly string[] =>
  namespace === undefined
    ? RESOURCE_PREFIXES
    : [...Object.values(RESOURCES).map(({ stream }) => stream(namespace, name)), routerStream(namespace)]

const namesOf = (data: unknown): { readonly namespace?: unknown; readonly name?: unknown } =>
  typeof data === 'object' && data !== null ? data : {}

/** Every event has a namespace, and resource events a name. */
export const eventMatches = ({ namespace, name, types }: EventFilter): ((event: RecordedEvent) => boolean) => {
  const wanted = types === undefined ? undefined : new Set(types)
  return event => {
    if (wanted !== undefined && !wanted.has(event.type)) return false
    const subject = namesOf(event.data)
    if (namespace !== undefined && subject.namespace !== namespace) return false
    return name === undefined || subject.name === name
  }
}
