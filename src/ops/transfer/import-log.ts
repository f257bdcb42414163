import { stat } from 'node:fs/promises'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { type EventStore, WrongExpectedRevision } from '../../event-store/event-store.ts'
import { type ExportedEvent, fromLine, toLine } from './event-line.ts'
import { type Line, linesOf } from './lines.ts'
import { logOf } from './log-of.ts'

/** Events per write. */
const WINDOW = 256
/** An append may hold 1 MiB, and a UTF-16 code unit takes up to 3 bytes. */
const APPEND_CHARACTERS = 250_000

interface ImportOptions {
  /** Receives bytes of the file. */
  readonly onProgress?: (done: number, total: number, events: number) => void
  /** The same call again resumes. */
  readonly signal?: AbortSignal
}

interface Append {
  readonly stream: string
  readonly expectedRevision: number
  readonly events: ExportedEvent[]
  size: number
}

class Window {
  readonly #store: EventStore
  #appends: Append[] = []
  #count = 0

  constructor(store: EventStore) {
    this.#store = store
  }

  async add(event: ExportedEvent, size: number): Promise<void> {
    const last = this.#appends.at(-1)
    const follows = last?.stream === event.stream && last.events.at(-1)?.revision === event.revision - 1
    if (last !== undefined && follows && last.size + size <= APPEND_CHARACTERS) {
      last.events.push(event)
      last.size += size
    } else {
      // A later event would overtake a second append to the same stream.
      if (this.#appends.some(({ stream }) => stream === event.stream)) await this.write()
      this.#appends.push({ stream: event.stream, expectedRevision: event.revision - 1, events: [event], size })
    }
    this.#count += 1
    if (this.#count >= WINDOW) await this.write()
  }

  async write(): Promise<void> {
    const appends = this.#appends
    this.#appends = []
    this.#count = 0
    // A local store keeps the order of concurrent appends; a server may not.
    if (this.#store.isShared) for (const append of appends) await this.#append(append)
    else await Promise.all(appends.map(append => this.#append(append)))
  }

  async #append({ stream, expectedRevision, events }: Append): Promise<void> {
    try {
      await this.#store.append(stream, expectedRevision, events)
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error
      const next = `revision ${expectedRevision + 1} of ${stream}`
      throw new Error(
        `${next} does not follow the last event in the store: an earlier line is missing, or the store has later events`,
      )
    }
  }
}

/** The file must begin with the events of the store. */
const skipWhatIsThere = async (there: AsyncIterator<RecordedEvent>, line: Line): Promise<boolean> => {
  const { value, done } = await there.next()
  if (done) return false
  if (toLine(value) !== line.text) {
    throw new Error(
      `line ${line.number} differs from the event in the store: import into an empty store, or resume with the same file`,
    )
  }
  return true
}

export interface Imported {
  readonly events: number
  readonly added: number
}

/**
 * Imports into a store that is empty or has the beginning of the file.
 *
 * @throws Error with the first line that is damaged or differs; neither it nor any later line is written
 */
export const importLog = async (
  file: string,
  store: EventStore,
  { onProgress, signal }: ImportOptions = {},
): Promise<Imported> => {
  const { size } = await stat(file)
  const there = logOf(store)
  const window = new Window(store)
  let [isThere, events, added, end] = [true, 0, 0, 0]
  for await (const line of linesOf(file)) {
    const event = fromLine(line.text, line.number)
    isThere &&= await skipWhatIsThere(there, line)
    if (!isThere) {
      await window.add(event, line.text.length)
      added += 1
    }
    events = line.number
    end = line.end
    if (events % WINDOW === 0) onProgress?.(end, size, events)
    if (signal?.aborted) break
  }
  await window.write()
  if (!signal?.aborted && end < size)
    throw new Error(`the file is truncated after line ${events}: the lines up to there are imported`)
  onProgress?.(end, size, events)
  return { events, added }
}
