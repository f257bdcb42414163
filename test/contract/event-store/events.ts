import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import {
  type AppendResult,
  type EventToAppend,
  StoreUnavailable,
  type StreamAppend,
} from '../../../src/event-store/event-store.ts'

const metadata = { schemaVersion: 1, actor: 'alice', correlationId: '6b8a2a0e-64a5-4b5c-a5b4-0d8f6c1b1f11' }

export const event = (data: object = {}): EventToAppend => ({
  id: crypto.randomUUID(),
  type: 'ListenerCreated',
  data,
  metadata,
})

export const events = (count: number): EventToAppend[] => Array.from({ length: count }, (_, index) => event({ index }))

export const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id)

export const all = async (reading: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> => {
  const read: RecordedEvent[] = []
  for await (const event of reading) read.push(event)
  return read
}

export const revisionsOf = (events: readonly RecordedEvent[]): number[] => events.map(({ revision }) => revision)

/** From zero, without gaps. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Repeats an append until there is a response. */
export const eventually = async (append: () => Promise<AppendResult>): Promise<AppendResult> => {
  for (;;) {
    try {
      return await append()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
    }
  }
}

const IN_TURNS = 7

/** Appends of one or two events to seven streams in turns. */
export const inTurns = (prefix: string, count: number) => {
  const revisions = upTo(IN_TURNS).map(() => -1)
  const appends = upTo(count).map((n): StreamAppend => {
    const append = {
      stream: `${prefix}${n % IN_TURNS}`,
      expectedRevision: revisions[n % IN_TURNS]!,
      events: events(1 + (n % 2)),
    }
    revisions[n % IN_TURNS]! += append.events.length
    return append
  })
  return {
    events: appends.flatMap(append => append.events),
    async *values(end = count, last?: StreamAppend): AsyncGenerator<StreamAppend> {
      yield* appends.slice(0, end)
      if (last !== undefined) yield last
    },
  }
}
