import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { createLru } from '../../lib/lru.ts'
import { isHarkStream } from './hark-streams.ts'

const KNOWN_STREAMS = 100_000

/** A newly elected node may serve reads before its index is complete, even to a client that requires the leader. */
export class ServerLagging extends Error {
  override readonly name = 'ServerLagging'

  constructor(what: string) {
    super(`the server lags behind: ${what}`)
  }
}

export class LagDetector {
  readonly #revisions = createLru<string, number>(KNOWN_STREAMS)
  #position: Position = BEGINNING

  record({ stream, revision, position }: Pick<RecordedEvent, 'stream' | 'revision' | 'position'>): void {
    this.#position = Math.max(this.#position, position)
    this.recordRevision(stream, revision)
  }

  recordRevision(stream: string, revision: number): void {
    if (!isHarkStream(stream) || revision <= (this.#revisions.get(stream) ?? -1)) return
    this.#revisions.set(stream, revision)
  }

  assertRevision(stream: string, revision: number): void {
    const known = this.#revisions.get(stream) ?? -1
    if (revision < known)
      throw new ServerLagging(`${stream} goes up to revision ${known}, and was read up to ${revision}`)
  }

  assertEnd(end: Position): void {
    if (end < this.#position)
      throw new ServerLagging(`the log goes up to position ${this.#position}, and was read up to ${end}`)
  }
}
