import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { routerStream } from '../../../schemas/events/streams.ts'
import { CONDITIONED_KINDS } from '../../../schemas/resources/kinds.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import type { NamedLane } from './types.ts'

const ROUTER_PREFIX = routerStream('')

const nameIn = (data: unknown): string | undefined => {
  const name = (data as { readonly name?: unknown } | null)?.name
  return typeof name === 'string' ? name : undefined
}

/** The lane of the resource that an event is about, which may be in the stream of a router; undefined for other events. */
export const laneOfEvent = ({ stream, type, data }: Pick<RecordedEvent, 'stream' | 'type' | 'data'>) => {
  if (!stream.startsWith(ROUTER_PREFIX)) return laneOfStream(stream)
  const namespace = stream.slice(ROUTER_PREFIX.length)
  const kind = CONDITIONED_KINDS.find(each => type in RESOURCES[each].reports)
  const name = kind && nameIn(data)
  const lane: NamedLane = kind && name ? { kind, namespace, name } : { kind: 'Router', namespace, name: namespace }
  return lane
}

const laneOfStream = (stream: string): NamedLane | undefined => {
  const kind = CONDITIONED_KINDS.find(each => stream.startsWith(RESOURCES[each].prefix))
  if (kind === undefined) return undefined
  const rest = stream.slice(RESOURCES[kind].prefix.length)
  const dot = rest.indexOf('.')
  return { kind, namespace: rest.slice(0, dot), name: rest.slice(dot + 1) }
}
