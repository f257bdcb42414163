import { open, readFile, stat, truncate } from 'node:fs/promises'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { first } from '../../lib/first.ts'
import { type ExportedEvent, fromLine, toLine } from './event-line.ts'
import { type Line, linesOf } from './lines.ts'
import { logOf } from './log-of.ts'

const CHUNK_BYTES = 1024 * 1024

interface ExportOptions {
  readonly onProgress?: (done: Position, total: Position, events: number) => void
  /** The same call again resumes. */
  readonly signal?: AbortSignal
}

const resume = async (store: EventStore, file: string): Promise<{ position: Position; events: number }> => {
  const size = await stat(file).then(
    found => found.size,
    () => 0,
  )
  let last: Line | undefined
  for await (const line of size === 0 ? [] : linesOf(file)) last = line
  if (last === undefined) {
    if (size > 0) await removeBeginning(store, file, size)
    return { position: BEGINNING, events: 0 }
  }
  const { stream, revision, id }: ExportedEvent = fromLine(last.text, last.number)
  const there = await first(store.readStream(stream, { from: revision, limit: 1 }))
  if (there?.id !== id) throw new Error(`${file} holds another log: its last event is not in this store`)
  if (size > last.end) await truncate(file, last.end)
  return { position: there.position, events: last.number }
}

/** A file without a whole line may be anything. */
const removeBeginning = async (store: EventStore, file: string, size: number): Promise<void> => {
  const event = await first(logOf(store))
  const line = event === undefined ? '' : toLine(event)
  if (
    size > Buffer.byteLength(line) ||
    !Buffer.from(line)
      .subarray(0, size)
      .equals(await readFile(file))
  )
    throw new Error(`${file} holds something other than this log`)
  await truncate(file)
}

/** The file holds the whole log. */
const PRIVATE = 0o600

/**
 * Resolves to the number of events once they are durable.
 *
 * @throws Error if the file holds another log
 */
export const exportLog = async (
  store: EventStore,
  file: string,
  { onProgress, signal }: ExportOptions = {},
): Promise<number> => {
  const begin = await resume(store, file)
  const last = await first(logOf(store, { direction: 'backward' }))
  const total = last?.position ?? BEGINNING
  let { events } = begin
  const output = await open(file, 'a', PRIVATE)
  try {
    let waiting = ''
    const write = async (position: Position): Promise<void> => {
      await output.appendFile(waiting).catch((error: Error) => {
        throw new Error(`${file} cannot be written: ${error.message}`, { cause: error })
      })
      // Otherwise a commit of an engine beside may wait until the file system has written the whole export.
      await output.datasync()
      waiting = ''
      onProgress?.(position, total, events)
    }
    let position = begin.position
    for await (const event of logOf(store, { from: begin.position })) {
      waiting += `${toLine(event)}\n`
      events += 1
      position = event.position
      if (waiting.length >= CHUNK_BYTES) await write(position)
      if (signal?.aborted) break
    }
    await write(position)
    await output.sync()
  } finally {
    await output.close()
  }
  return events
}
