import type { Position, RecordedEvent } from '../../schemas/events/recorded-event.ts'

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

export const toCommandResult = <Row>(
  event: RecordedEvent<string, { readonly uid: string }>,
  row: Row | undefined,
): CommandResult<Row> => ({
  stream: event.stream,
  position: event.position,
  eventType: event.type,
  uid: event.data.uid,
  ...(event.metadata.commandHash !== undefined && { commandHash: event.metadata.commandHash }),
  ...(row !== undefined && { row }),
})
