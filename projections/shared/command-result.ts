import type { HarkEvent } from '../../schemas/events/events.ts'
import type { Position } from '../../schemas/events/recorded-event.ts'

/** What a command answered that carried an id of its caller's: sent again, it is answered as the first time. */
export interface CommandResult<Row> {
  readonly stream: string
  readonly position: Position
  readonly eventType: string
  readonly uid: string
  /** Of the command; absent where its event carries none, as those of Hark 0.1 do. */
  readonly commandHash?: string
  /** The resource as it was then; absent where the command deleted it. */
  readonly row?: Row
}

/** The answer to the command that an event came of, an event of a resource's own stream. */
export const toCommandResult = <Row>(event: HarkEvent, row: Row | undefined): CommandResult<Row> => ({
  stream: event.stream,
  position: event.position,
  eventType: event.type,
  uid: (event.data as { uid: string }).uid,
  ...(event.metadata.commandHash !== undefined && { commandHash: event.metadata.commandHash }),
  ...(row !== undefined && { row }),
})
