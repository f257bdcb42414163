import { canonicalJson } from '../../../schemas/canonical-json.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { IMPORTS_STREAM, isStoreStream, LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import {
  type EventLocation,
  type EventStore,
  EventsMissing,
  formatLocation,
  StoreCorrupted,
  type StoredEvent,
} from '../../event-store/event-store.ts'
import { headLeaf, NO_EVENTS } from '../checkpoints/log-digest.ts'
import { MerkleTree } from '../checkpoints/merkle-tree.ts'
import type { SignedCheckpoint } from '../checkpoints/read-checkpoints.ts'
import { type Hash, hashedText, sha256 } from '../hash-chain/event-hash.ts'
import type { Finding } from './finding.ts'

export interface LogVerifierOptions {
  /** The checkpoints of the log in order, with valid signatures. */
  readonly checkpoints: readonly SignedCheckpoint[]
  /** Events that this checkpoint covers are counted and not verified. */
  readonly since?: SignedCheckpoint | undefined
  readonly onProgress: (position: Position, events: number) => void
  readonly signal: AbortSignal
}

export interface VerifiedLog {
  /** Signed streams only: imports are recorded beside the log. */
  readonly events: number
  readonly findings: readonly Finding[]
}

/** The last event read of a stream. */
interface Head {
  readonly position: Position
  readonly revision: number
  /** Undefined for an event that cannot be read. */
  readonly hash: Hash | undefined
  readonly isLinked: boolean
}

const PREFIXES = [...LOG_PREFIXES, IMPORTS_STREAM]
const PROGRESS_EVERY = 1000

/**
 * Verifies a log in one pass: each event against the link of the next one in its stream, and all of them against the
 * checkpoints. Memory grows with the number of streams.
 */
export class LogVerifier {
  readonly #store: EventStore
  readonly #options: LogVerifierOptions
  readonly #findings: Finding[] = []
  /** In the order of their first events, which is that of the leaves of a checkpoint's tree. */
  readonly #heads = new Map<string, Head>()
  readonly #nextCheckpoints: SignedCheckpoint[]
  readonly #skipped: number
  #events = 0
  #position: Position = BEGINNING
  /** What the log hash of the next checkpoint is made of: the one before, then the hash and time of each event. */
  #digested: string
  #firstUncovered: Position | undefined
  #disagreed = false
  #isTreeKnown: boolean

  constructor(store: EventStore, options: LogVerifierOptions) {
    this.#store = store
    this.#options = options
    const { events, logHash } = options.since?.data ?? NO_EVENTS
    this.#skipped = events
    this.#digested = logHash
    this.#nextCheckpoints = options.checkpoints.filter(({ data }) => data.events > events)
    this.#isTreeKnown = options.since === undefined
  }

  async verify(): Promise<VerifiedLog> {
    for (let from: Position | undefined = BEGINNING; from !== undefined; ) from = await this.#verifyFrom(from)
    this.#reportUncovered()
    for await (const { location: place, fault } of this.#store.check()) {
      this.#options.signal.throwIfAborted()
      this.#report(place, fault)
    }
    return { events: this.#events, findings: this.#findings }
  }

  /** @returns where to go on behind damage; undefined at the end of the log, or where nothing more can be read */
  async #verifyFrom(from: Position): Promise<Position | undefined> {
    const { signal, onProgress } = this.#options
    try {
      for await (const event of this.#store.readAll({ from, prefixes: PREFIXES, allowGaps: true, withJson: true })) {
        signal.throwIfAborted()
        this.#verifyEvent(event)
        if (this.#events % PROGRESS_EVERY === 0) onProgress(event.position, this.#events)
      }
      return undefined
    } catch (error) {
      if (!(error instanceof StoreCorrupted)) throw error
      this.#reportDamage(error)
      return error.resumeAfter
    }
  }

  #verifyEvent(event: StoredEvent): void {
    const { position, stream, revision, time, json } = event
    const isSigned = !isStoreStream(stream)
    if (isSigned && this.#events < this.#skipped) {
      this.#events += 1
      return
    }
    const data = canonicalJson(event.data)
    const metadata = canonicalJson(event.metadata)
    const hash = sha256(hashedText(event, data, metadata))
    if (json !== undefined && !(isAsWritten(json.data, data) && isAsWritten(json.metadata, metadata)))
      this.#report(event, 'its JSON is not as Hark writes it: it was changed')
    this.#verifyLink(event)
    this.#heads.set(stream, { position, revision, hash, isLinked: event.metadata.previousHash !== undefined })
    if (isSigned) this.#digest(position, hash + time)
  }

  #verifyLink({ position, stream, revision, metadata: { previousHash } }: StoredEvent): void {
    const last = this.#heads.get(stream)
    // Of a stream that began among the skipped events, the first one read has nothing to be compared with.
    if (last === undefined && this.#skipped > 0) return
    const place = { position, stream, revision }
    const expected = last === undefined ? 0 : last.revision + 1
    if (revision > expected) {
      const missing =
        revision === expected + 1 ? `revision ${expected} is` : `revisions ${expected} to ${revision - 1} are`
      this.#report(place, `${missing} missing before it: removed, or out of order`)
    } else if (revision < expected)
      this.#report(place, `revision ${expected} should be here: inserted, or out of order`)
    else if (last === undefined) {
      if (previousHash !== undefined) this.#report(place, 'it links to an event before it, and there is none: removed')
    } else if (previousHash === undefined) {
      if (last.isLinked) this.#report(place, 'it has no link to the event before it, which has one')
    } else if (last.hash !== undefined && last.hash !== previousHash)
      this.#report(
        { position: last.position, stream, revision: last.revision },
        `its hash is not the one in revision ${revision} of the stream: one of the two was changed`,
      )
  }

  /** Takes an event of a signed stream into the next checkpoint, and compares what that is then complete for. */
  #digest(position: Position, text: string): void {
    this.#events += 1
    this.#position = position
    this.#firstUncovered ??= position
    this.#digested += text
    while (this.#nextCheckpoints[0]?.data.events === this.#events)
      this.#compare(this.#nextCheckpoints.shift() as SignedCheckpoint)
  }

  #compare({ id, data: { logHash, root } }: SignedCheckpoint): void {
    const agrees = sha256(this.#digested) === logHash
    // Where an event is missing, no checkpoint behind it agrees: that is one finding.
    if (!agrees && !this.#disagreed) this.#reportDisagreement(id)
    this.#disagreed = !agrees
    this.#digested = logHash
    this.#firstUncovered = undefined
    this.#isTreeKnown &&= agrees
    // The root follows from the events: that of the last checkpoint shows whether proofs lead to it.
    if (this.#isTreeKnown && this.#nextCheckpoints.length === 0 && this.#root() !== root)
      this.#findings.push({ place: `checkpoint ${id}`, fault: 'its root is not that of the streams that it covers' })
  }

  #root(): Hash {
    const tree = new MerkleTree()
    for (const [stream, { revision, hash }] of this.#heads)
      if (!isStoreStream(stream)) tree.set(tree.size, headLeaf({ stream, revision, hash: hash as Hash }))
    return tree.root
  }

  #reportDisagreement(id: string): void {
    const from = this.#firstUncovered === undefined ? '' : `${formatLocation({ position: this.#firstUncovered })} to `
    this.#findings.push({
      place: from + formatLocation({ position: this.#position }),
      fault: `these events do not match checkpoint ${id}: one was changed, removed, inserted or moved`,
    })
  }

  #reportUncovered(): void {
    const [first] = this.#nextCheckpoints
    if (first === undefined) return
    const fault = `it covers ${first.data.events} events, and the log has ${this.#events}: the end was cut off, or events were removed`
    this.#findings.push({ place: `checkpoint ${first.id}`, fault })
  }

  /** One event that cannot be read counts, so that the checkpoints behind it are compared with the events they cover. */
  #reportDamage(error: StoreCorrupted): void {
    const { location: place, fault } = error
    this.#report(place, fault)
    const { position, stream, revision } = place
    if (position === undefined || error instanceof EventsMissing) return
    if (stream !== undefined && revision !== undefined)
      this.#heads.set(stream, { position, revision, hash: undefined, isLinked: false })
    if (stream === undefined || !isStoreStream(stream)) this.#digest(position, '')
  }

  #report(place: EventLocation, fault: string): void {
    this.#findings.push({ place: formatLocation(place), fault })
  }
}

/** A string, or white space between two tokens. */
const STRINGS_AND_SPACE = /("(?:[^"\\]|\\.)*")|\s+/g

/** Whether a text has nothing that parsing passes over, such as a key that stands there twice. An older Hark sorted no keys. */
const isAsWritten = (text: string, canonical: string): boolean => {
  if (text === canonical) return true
  const compact = text.replace(STRINGS_AND_SPACE, '$1')
  return compact === canonical || compact === JSON.stringify(JSON.parse(text))
}
