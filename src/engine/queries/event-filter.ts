import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import {
  connectorStream,
  listenerStream,
  RESOURCE_PREFIXES,
  routerStream,
  siteStream,
} from '../../../schemas/events/streams.ts'
import type { EventFilter } from './types.ts'

/** The beginnings of the names of the streams that a filter may let through, as narrow as a store can use. */
export const prefixesOf = ({ namespace, name }: EventFilter): readonly string[] => {
  if (namespace === undefined) return RESOURCE_PREFIXES
  const name_ = name ?? ''
  return [
    listenerStream(namespace, name_),
    connectorStream(namespace, name_),
    siteStream(namespace),
    routerStream(namespace),
  ]
}

const namesOf = (data: unknown): { readonly namespace?: unknown; readonly name?: unknown } =>
  typeof data === 'object' && data !== null ? data : {}

/** Every event of Hark's tells the namespace and, where it is about a resource, the name that it is about. */
export const eventMatches = ({ namespace, name, types }: EventFilter): ((event: RecordedEvent) => boolean) => {
  const wanted = types === undefined ? undefined : new Set(types)
  return event => {
    if (wanted !== undefined && !wanted.has(event.type)) return false
    const subject = namesOf(event.data)
    if (namespace !== undefined && subject.namespace !== namespace) return false
    return name === undefined || subject.name === name
  }
}
