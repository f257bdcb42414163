import type { Position, RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { metadataEventOf } from '../../schemas/resources/metadata.ts'

/** Returned again for a repeated commandId. */
export interface CommandResult<Row> {
  readonly stream: string
  readonly position: Position
  readonly eventType: string
  readonly uid: string
  /** Absent in events of Hark 0.1. */
  readonly commandHash?: string
  /** Absent after a deletion. */
  readonly row?: Row
}

/** The labels and annotations of a new resource are part of its creation. */
export const resultType = ({ type, data }: { readonly type: string; readonly data: object }): string => {
  const changed = metadataEventOf(type)
  return changed === undefined || 'previous' in data ? type : `${changed.kind}Created`
}

export const toCommandResult = <Row>(
  event: RecordedEvent<string, { readonly uid: string }>,
  row: Row | undefined,
): CommandResult<Row> => ({
  stream: event.stream,
  position: event.position,
  eventType: resultType(event),
  uid: event.data.uid,
  ...(event.metadata.commandHash !== undefined && { commandHash: event.metadata.commandHash }),
  ...(row !== undefined && { row }),
})
