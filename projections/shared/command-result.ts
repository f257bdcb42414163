import type { Position, RecordedEvent } from '../../schemas/events/recorded-event.ts'

/** The result of a command with a commandId, which the same commandId returns again. */
export interface CommandResult<Row> {
  readonly stream: string
  readonly position: Position
  readonly eventType: string
  readonly uid: string
  /** Of the command; absent in events of Hark 0.1. */
  readonly commandHash?: string
  /** The resource after the command; absent if it deleted it. */
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
