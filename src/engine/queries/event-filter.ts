import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { RESOURCE_PREFIXES, routerStream } from '../../../schemas/events/streams.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import type { EventFilter } from './types.ts'

export const prefixesOf = ({ namespace, name = '' }: EventFilter): readonly string[] =>
  namespace === undefined
    ? RESOURCE_PREFIXES
    : [...Object.values(RESOURCES).map(({ stream }) => stream(namespace, name)), routerStream(namespace)]

interface Names {
  readonly namespace?: unknown
  readonly name?: unknown
  readonly previous?: unknown
}

const namesOf = (data: unknown): Names => (typeof data === 'object' && data !== null ? data : {})

/** A renamed site is found by both names. */
const hasName = ({ name, previous }: Names, type: string, wanted: string): boolean =>
  name === wanted || (type === 'SiteRenamed' && previous === wanted)

export const eventMatches = ({ namespace, name, types }: EventFilter): ((event: RecordedEvent) => boolean) => {
  const wanted = types === undefined ? undefined : new Set(types)
  return event => {
    if (wanted !== undefined && !wanted.has(event.type)) return false
    const subject = namesOf(event.data)
    if (namespace !== undefined && subject.namespace !== namespace) return false
    return name === undefined || hasName(subject, event.type, name)
  }
}
