import { stat } from 'node:fs/promises'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import {
  AppendedOutOfOrder,
  type EventStore,
  type StreamAppend,
  WrongExpectedRevision,
} from '../../event-store/event-store.ts'
import { type ExportedEvent, fromLine, toLine } from './event-line.ts'
import { appendsOf } from './group-appends.ts'
import { type Line, linesOf } from './lines.ts'
import { logOf } from './log-of.ts'

const PROGRESS_EVERY = 256

interface ImportOptions {
  readonly onProgress?: (done: number, total: number, events: number) => void
  readonly signal?: AbortSignal
}

export interface Imported {
  readonly events: number
  readonly added: number
}

/**
 * The store must have the beginning of the file.
 *
 * @throws Error with the first line that is damaged or differs; neither it nor any later line is written
 */
export const importLog = async (
  file: string,
  store: EventStore,
  { onProgress, signal }: ImportOptions = {},
): Promise<Imported> => {
  const { size } = await stat(file)
  const lines = new CheckedLines(file)
  const report = (): void => onProgress?.(lines.end, size, lines.count)
  const read = async function* (): AsyncGenerator<LineEvent> {
    for await (const line of lines) {
      if (line.number % PROGRESS_EVERY === 0) report()
      yield line
      if (signal?.aborted) return
    }
  }
  const reading = read()
  const there = await skipWhatIsThere(reading, store)
  const before = there.next === undefined ? lines.count : there.next.number - 1
  await append(store, appendsOf(eventsOf(reading, there.next)), there.position)
  if (!signal?.aborted && lines.end < size)
    throw new Error(`the file is truncated after line ${lines.count}: the lines up to there are imported`)
  report()
  return { events: lines.count, added: lines.count - before }
}

interface LineEvent extends Line {
  readonly event: ExportedEvent
}

class CheckedLines {
  readonly #file: string
  readonly #next = new Map<string, number>()
  count = 0
  end = 0

  constructor(file: string) {
    this.#file = file
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LineEvent> {
    for await (const line of linesOf(this.#file)) {
      const event = fromLine(line.text, line.number)
      const { stream, revision } = event
      const expected = this.#next.get(stream) ?? 0
      if (revision !== expected)
        throw new Error(
          `line ${line.number} is revision ${revision} of ${stream} instead of ${expected}: an earlier line is missing`,
        )
      this.#next.set(stream, revision + 1)
      this.count = line.number
      this.end = line.end
      yield { ...line, event }
    }
  }
}

interface Beginning {
  readonly position: Position
  readonly next: LineEvent | undefined
}

const skipWhatIsThere = async (lines: AsyncIterator<LineEvent>, store: EventStore): Promise<Beginning> => {
  let position = BEGINNING
  for await (const event of logOf(store)) {
    const { value: line, done } = await lines.next()
    if (done) return { position, next: undefined }
    if (toLine(event) !== line.text)
      throw new Error(
        `line ${line.number} differs from the event in the store: import into an empty store, or resume with the same file`,
      )
    position = event.position
  }
  const { value, done } = await lines.next()
  return { position, next: done ? undefined : value }
}

async function* eventsOf(rest: AsyncIterable<LineEvent>, first: LineEvent | undefined): AsyncGenerator<LineEvent> {
  if (first === undefined) return
  yield first
  yield* rest
}

const append = async (store: EventStore, appends: AsyncIterable<StreamAppend>, after: Position): Promise<void> => {
  try {
    await store.appendInOrder(appends, after)
  } catch (error) {
    if (error instanceof AppendedOutOfOrder) throw new Error(`${error.message}: import into an empty store`)
    if (!(error instanceof WrongExpectedRevision)) throw error
    const next = `revision ${error.expected + 1} of ${error.stream}`
    throw new Error(`${next} does not follow the last event in the store, which has later events`)
  }
}
