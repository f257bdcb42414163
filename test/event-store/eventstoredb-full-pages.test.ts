import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import type { Batch } from '../../src/event-store/event-store.ts'
import { GapDetector } from '../../src/event-store/eventstoredb/gap-detector.ts'
import type { FollowedAppends } from '../../src/event-store/eventstoredb/own-appends.ts'
import { pageReads } from '../../src/event-store/eventstoredb/subscribing/page-reads.ts'
import type { OpenRead, ReadCall } from '../../src/event-store/eventstoredb/subscribing/read-request.ts'
import type { SubscriptionMessage } from '../../src/event-store/eventstoredb/subscribing/subscription-message.ts'

const PAGE = 1000
const STREAM = 'listener-west.a'

const log = Array.from({ length: 1500 }, (_, revision) => ({
  id: randomUUID(),
  revision,
  position: { commit: revision + 1 },
}))

const message = ({ id, revision, position }: (typeof log)[number]): SubscriptionMessage => ({
  kind: 'event',
  event: {
    streamId: STREAM,
    id,
    type: 'PortUpdated',
    revision,
    position,
    created: new Date(0),
    data: {},
    metadata: { schemaVersion: 1, actor: 'alice', correlationId: id },
  },
})

/** Returns pages that begin where they are asked to. */
const pagesOf = (): OpenRead => {
  let read = 0
  return async () => {
    const page = log.slice(read, read + PAGE)
    read += page.length - 1
    return Object.assign(Readable.from(page.map(message)), { cancel: () => {} }) as unknown as ReadCall
  }
}

describe('pageReads', () => {
  it('is live only after a page that is not full', async () => {
    const [first] = log
    const batches: Batch[] = []
    const reading = pageReads(pagesOf(), {
      last: { id: first?.id, stream: STREAM, revision: 0, position: 1 } as RecordedEvent,
      prefixes: ['listener-'],
      revisions: new GapDetector(1, undefined),
      appends: { waitForMore: async (position: number) => position < log.length } as unknown as FollowedAppends,
      signal: new AbortController().signal,
      timeoutMs: 10_000,
    })
    for await (const batch of reading) batches.push(batch)
    assert.deepEqual(
      batches.map(({ events, position, live }) => [events.length, position, live]),
      [
        [PAGE - 1, PAGE, false],
        [log.length - PAGE, log.length, true],
      ],
    )
  })
})
