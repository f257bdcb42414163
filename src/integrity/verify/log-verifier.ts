import { canonicalJson } from '../../../schemas/canonical-json.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { IMPORTS_STREAM, isStoreStream, LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import {
  type EventJson,
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
  readonly checkpoints: readonly SignedCheckpoint[]
  /** Events that it covers are not verified. */
  readonly since?: SignedCheckpoint | undefined
  /** Hashes stored texts as they are: right if nothing is found. */
  readonly trustsText?: boolean
  readonly onProgress: (position: Position, events: number) => void
  readonly signal: AbortSignal
}

export interface VerifiedLog {
  /** Excludes imports, which are recorded beside the log. */
  readonly events: number
  readonly findings: readonly Finding[]
}

interface Head {
  position: Position
  revision: number
  hash: Hash | undefined
  isLinked: boolean
}

interface Hashed {
  readonly hash: Hash
  readonly previousHash: Hash | undefined
}

const PREFIXES = [...LOG_PREFIXES, IMPORTS_STREAM]
const PROGRESS_EVERY = 1000

/** Memory grows with the number of streams. */
export class LogVerifier {
  readonly #store: EventStore
  readonly #options: LogVerifierOptions
  readonly #findings: Finding[] = []
  readonly #heads = new Map<string, Head>()
  readonly #nextCheckpoints: SignedCheckpoint[]
  readonly #skipped: number
  #events = 0
  #position: Position = BEGINNING
  /** The previous hash, then the hash and time of each event. */
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

  /** @returns where to resume after damage; undefined if nothing more can be read */
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
    const isText = isSigned && json !== undefined && this.#isProvenByText(json)
    const { hash, previousHash } = isText ? hashOfText(event, json) : this.#canonicalHash(event)
    const head = this.#heads.get(stream)
    this.#verifyLink(event, head, previousHash)
    const isLinked = previousHash !== undefined
    if (head === undefined) this.#heads.set(stream, { position, revision, hash, isLinked })
    else {
      head.position = position
      head.revision = revision
      head.hash = hash
      head.isLinked = isLinked
    }
    if (isSigned) this.#digest(position, hash + time)
  }

  /** A checkpoint that agrees with the texts proves them, unless parts can move between data and metadata. */
  #isProvenByText({ data, metadata }: EventJson): boolean {
    const { trustsText = false } = this.#options
    return trustsText && this.#nextCheckpoints.length > 0 && !data.includes(BOUNDARY) && !metadata.includes(BOUNDARY)
  }

  #canonicalHash(event: StoredEvent): Hashed {
    const { json } = event
    const { previousHash } = event.metadata
    const [data, metadata] = [canonicalJson(event.data), canonicalJson(event.metadata)]
    if (json !== undefined && !(isAsWritten(json.data, data) && isAsWritten(json.metadata, metadata)))
      this.#report(event, 'its JSON is not as Hark writes it: it was changed')
    return { hash: sha256(hashedText(event, data, metadata)), previousHash }
  }

  #verifyLink(
    { position, stream, revision }: StoredEvent,
    last: Head | undefined,
    previousHash: Hash | undefined,
  ): void {
    // The predecessor may be among the skipped events.
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
      if (previousHash !== undefined) this.#report(place, 'it links to an earlier event that is missing: removed')
    } else if (previousHash === undefined) {
      if (last.isLinked) this.#report(place, 'it has no link to the event before it, which has one')
    } else if (last.hash !== undefined && last.hash !== previousHash)
      this.#report(
        { position: last.position, stream, revision: last.revision },
        `its hash is not the one in revision ${revision} of the stream: one of the two was changed`,
      )
  }

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
    // A missing event invalidates all later checkpoints.
    if (!agrees && !this.#disagreed) this.#reportDisagreement(id)
    this.#disagreed = !agrees
    this.#digested = logHash
    this.#firstUncovered = undefined
    this.#isTreeKnown &&= agrees
    // The root follows from the events; the last root shows whether proofs are valid.
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
    const fault = `it covers ${first.data.events} events, and the log has ${this.#events}: the log was truncated or events were removed`
    this.#findings.push({ place: `checkpoint ${first.id}`, fault })
  }

  /** An unreadable event counts. */
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

const BOUNDARY = '"metadata":'
const LINK = '"previousHash":"'
const HASH_LENGTH = 64

/** Reads canonical metadata, whose strings contain no unescaped quotes. */
const linkIn = (metadata: string): Hash | undefined => {
  const at = metadata.indexOf(LINK)
  return at < 0 ? undefined : metadata.slice(at + LINK.length, at + LINK.length + HASH_LENGTH)
}

const hashOfText = (event: StoredEvent, { data, metadata }: EventJson): Hashed => ({
  hash: sha256(hashedText(event, data, metadata)),
  previousHash: linkIn(metadata),
})

const STRINGS_AND_SPACE = /("(?:[^"\\]|\\.)*")|\s+/g

/** Rejects JSON with parts that parsing drops, such as duplicate keys. Older versions did not sort keys. */
const isAsWritten = (text: string, canonical: string): boolean => {
  if (text === canonical) return true
  const compact = text.replace(STRINGS_AND_SPACE, '$1')
  return compact === canonical || compact === JSON.stringify(JSON.parse(text))
}
