import { randomUUID } from 'node:crypto'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import type { EventStore, EventToAppend } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { CheckpointSigner } from '../../src/integrity/checkpoints/checkpoint-signer.ts'
import { CheckpointStore } from '../../src/integrity/checkpoints/checkpoint-store.ts'
import { type ChainedStore, chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { all } from '../contract/event-store/events.ts'
import { eventually } from '../support/eventually.ts'
import type { SignedLog } from '../support/signed-log.ts'

export const CHECKPOINTS = 'audit-checkpoints'
export const STREAM = 'listener-west.a'
export const NEVER_MS = 1_000_000_000

export const newEvent = (): EventToAppend => ({
  id: randomUUID(),
  type: 'PortUpdated',
  data: {},
  metadata: { schemaVersion: 1, actor: 'alice', via: 'cli', correlationId: randomUUID() },
})

export const lastCheckpoint = async (store: EventStore): Promise<RecordedEvent> => {
  const events = await all(store.readStream(CHECKPOINTS))
  return events.findLast(({ type }) => type === 'CheckpointSigned') as RecordedEvent
}

interface Running {
  readonly signer: CheckpointSigner
  readonly store: ChainedStore
  readonly checkpoints: CheckpointStore
  /** How the run ended: undefined until then and if it was aborted. */
  error(): Error | undefined
  /** Resolves when the run has ended. */
  readonly ended: Promise<void>
}

interface SignOptions {
  readonly everyMs?: number
  readonly servedTo?: () => number | undefined
  readonly whenServed?: () => Promise<void>
  readonly decorate?: (store: ChainedStore) => ChainedStore
  readonly onError?: (details: object, message: string) => void
}

/** Runs a signer on the log for as long as `work` takes. */
export const sign = async (
  log: SignedLog,
  {
    everyMs = NEVER_MS,
    servedTo = () => undefined,
    whenServed = async () => {},
    decorate = store => store,
    onError = () => {},
  }: SignOptions,
  work: (running: Running) => Promise<void>,
): Promise<void> => {
  const store = decorate(chainedStore(openSqliteEventStore({ file: log.eventFile })))
  const checkpoints = new CheckpointStore(log.checkpointFile)
  const logger = { debug() {}, warn() {}, error: onError }
  const signer = new CheckpointSigner({ store, keys: log.keys, checkpoints, everyMs, servedTo, whenServed, logger })
  const abort = new AbortController()
  let error: Error | undefined
  const ended = signer.run(abort.signal).catch((reason: Error) => {
    error = reason
  })
  try {
    await work({ signer, store, checkpoints, error: () => error, ended })
  } finally {
    abort.abort()
    await ended
    checkpoints.close()
    await store.close()
  }
}

export const live = ({ signer }: Running): Promise<void> => eventually(() => signer.isSigning)

export const newest = ({ checkpoints }: Running) => checkpoints.newest

/** Replaces the append of checkpoints. */
export const withAppend =
  (append: (store: ChainedStore, ...args: Parameters<EventStore['append']>) => ReturnType<EventStore['append']>) =>
  (store: ChainedStore): ChainedStore =>
    Object.assign(
      decorateStore(store, {
        append: (...[stream, revision, events]: Parameters<EventStore['append']>) =>
          events[0]?.type === 'CheckpointSigned'
            ? append(store, stream, revision, events)
            : store.append(stream, revision, events),
      }),
      { hashOf: (event: RecordedEvent) => store.hashOf(event) },
    )

export const signal = new AbortController().signal
