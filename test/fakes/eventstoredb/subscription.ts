import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import type { EventLog, LogRecord } from './log.ts'
import * as messages from './messages.ts'

/** Records that the server searches before it reports its position, unless the client sets it. */
const DEFAULT_WINDOW = 32

/** Sends all events after a position, then live ones, with checkpoints of searches without matches. */
export async function* subscription(
  log: EventLog,
  options: ReadReq.Options,
  signal: AbortSignal,
): AsyncIterable<ReadResp> {
  const { matches, interval } = filterOf(options)
  let index = startOf(log, options)
  let considered = 0
  let caughtUp = false
  yield messages.confirmationMessage()
  while (!signal.aborted) {
    const record = log.records[index]
    if (!record || !log.isIndexed(record)) {
      if (!caughtUp) yield messages.caughtUpMessage()
      caughtUp = true
      if (log.records[index] === record) await log.grown(signal)
      continue
    }
    index++
    if (matches(record)) yield messages.eventMessage(record)
    if (++considered % interval === 0) yield messages.checkpointMessage(record.position)
  }
}

const startOf = (log: EventLog, options: ReadReq.Options): number => {
  const all = options.getAll()!
  if (all.hasStart()) return 0
  if (all.hasEnd()) return log.records.length
  const index = log.indexOf(Number(all.getPosition()!.getCommitPosition()))
  return index + 1
}

export const filterOf = (options: ReadReq.Options): { matches: (record: LogRecord) => boolean; interval: number } => {
  const filter = options.getFilter()
  if (!filter) return { matches: () => true, interval: Number.POSITIVE_INFINITY }
  const window = filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW
  const expression = filter.getStreamIdentifier() ?? filter.getEventType()!
  const subject = (record: LogRecord) => (filter.hasStreamIdentifier() ? record.stream : record.type)
  const pattern = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex())
  const prefixes = expression.getPrefixList()
  return {
    matches: record =>
      pattern ? pattern.test(subject(record)) : prefixes.some(prefix => subject(record).startsWith(prefix)),
    interval: window * filter.getCheckpointintervalmultiplier(),
  }
}
