import assert from 'node:assert/strict'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { endpointStream } from '../../schemas/events/streams.ts'
import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import { metadataEventOf } from '../../schemas/resources/metadata.ts'

interface Living {
  readonly uid: string
  readonly generation: number
  readonly correlationId: string
  readonly spec: ListenerSpec
}

interface Data extends Partial<ListenerSpec> {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly generation?: number
  readonly spec?: ListenerSpec
}

const isCreation = ({ type }: RecordedEvent): boolean => type.endsWith('Created')
const isDeletion = ({ type }: RecordedEvent): boolean => type.endsWith('Deleted')

const specAfter = ({ type, data }: RecordedEvent, before: ListenerSpec | undefined): ListenerSpec => {
  const { spec, routingKey, host, port } = data as Data
  if (spec !== undefined) return spec
  assert.ok(before !== undefined)
  if (metadataEventOf(type) !== undefined) return before
  switch (type) {
    case 'RoutingKeyUpdated':
      return { ...before, routingKey: routingKey as string }
    case 'HostUpdated':
      return { ...before, host: host as string }
    default:
      return { ...before, port: port as number }
  }
}

/** Asserts of streams: revisions without gaps, one life after another, one generation per command. */
const assertLives = (log: readonly RecordedEvent[]): void => {
  for (const [stream, events] of Map.groupBy(log, ({ stream }) => stream)) {
    if (stream.startsWith('endpoint-')) continue
    let living: Living | undefined
    for (const [index, event] of events.entries()) {
      assert.equal(event.revision, index, `${stream} has no gaps`)
      const { uid, generation = 1 } = event.data as Data
      if (metadataEventOf(event.type) !== undefined) {
        assert.equal(uid, living?.uid, `${stream} keeps its uid`)
        continue
      }
      const { correlationId } = event.metadata
      if (isCreation(event)) assert.equal(living, undefined, `${stream} is created where it is not there`)
      else {
        assert.equal(uid, living?.uid, `${stream} keeps its uid`)
        const isSameCommand = correlationId === living?.correlationId
        const grown = (living?.generation ?? 0) + (isSameCommand ? 0 : 1)
        if (!isDeletion(event)) assert.equal(generation, grown, `${stream} has one generation a command`)
      }
      living = isDeletion(event) ? undefined : { uid, generation, correlationId, spec: specAfter(event, living?.spec) }
    }
  }
}

/** Asserts of every position: a host and port of a namespace belong to one listener. */
export const assertEndpoints = (log: readonly RecordedEvent[]): void => {
  const specs = new Map<string, ListenerSpec>()
  const holders = new Map<string, string>()
  for (const [index, event] of log.entries()) {
    if (!event.stream.startsWith('listener-')) continue
    const { namespace } = event.data as Data
    const endpointOf = (spec: ListenerSpec): string => endpointStream(namespace, spec.host, spec.port)
    const before = specs.get(event.stream)
    if (before !== undefined && holders.get(endpointOf(before)) === event.stream) holders.delete(endpointOf(before))
    if (isDeletion(event)) {
      specs.delete(event.stream)
      continue
    }
    const after = specAfter(event, before)
    specs.set(event.stream, after)
    // Of the events of one append only the last endpoint is ever effective.
    const next = log[index + 1]
    if (next?.stream === event.stream && next.metadata.correlationId === event.metadata.correlationId) continue
    const holder = holders.get(endpointOf(after))
    assert.equal(holder, undefined, `${event.stream} takes what is ${holder}'s`)
    holders.set(endpointOf(after), event.stream)
  }
}

/** Asserts the rules of every log. */
export const assertLogRules = (log: readonly RecordedEvent[]): void => {
  assertLives(log)
  assertEndpoints(log)
}
