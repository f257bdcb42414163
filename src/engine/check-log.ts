import { type EventType, eventData, type HarkEvent, isEventType } from '../../schemas/events.ts'
import { faultLine, faultsOf } from '../../schemas/faults.ts'
import { formatPosition } from '../../schemas/position.ts'
import { BEGINNING, eventMetadata, type Position, type RecordedEvent } from '../../schemas/recorded-event.ts'
import { schemaVersion, toHarkEvent } from '../../schemas/upcast.ts'

/** What is wrong, and where. */
export interface Finding {
  readonly place: string
  readonly fault: string
}

/** Looks at the events of a log one after the other, in order, and tells what must not be. */
export class LogCheck {
  readonly #revisions = new Map<string, number>()
  #position: Position = BEGINNING
  #time = ''

  /** The event as this version reads it, where it can, and what is wrong with it. */
  check(event: RecordedEvent): { readonly event: HarkEvent | undefined; readonly findings: readonly Finding[] } {
    const place = `${event.stream} revision ${event.revision} (position ${formatPosition(event.position)})`
    const faults = [...this.#orderFaults(event), ...metadataFaults(event)]
    let read: HarkEvent | undefined
    try {
      read = toHarkEvent(event)
      faults.push(...dataFaults(read))
    } catch (error) {
      faults.push(
        `version ${event.metadata.schemaVersion} of ${event.type} cannot be brought forward: ${(error as Error).message}`,
      )
    }
    return { event: faults.length === 0 ? read : undefined, findings: faults.map(fault => ({ place, fault })) }
  }

  *#orderFaults({ stream, revision, position, time }: RecordedEvent): Iterable<string> {
    const expected = (this.#revisions.get(stream) ?? -1) + 1
    if (revision !== expected) yield `revision ${expected} is what should follow there`
    if (position <= this.#position) yield 'its position does not follow that of the event before it'
    if (time < this.#time) yield `it was recorded at ${time}, before the event before it (${this.#time})`
    this.#revisions.set(stream, revision)
    this.#position = position
    this.#time = time
  }
}

const metadataFaults = ({ type, metadata }: RecordedEvent): string[] => {
  const { success, error } = eventMetadata.safeParse(metadata)
  if (!success) return faultsOf(error, ['metadata']).map(faultLine)
  // Types that are not known here may have any version.
  if (isEventType(type) && metadata.schemaVersion > schemaVersion(type as EventType))
    return [`version ${metadata.schemaVersion} of ${type} is newer than this Hark`]
  return []
}

const dataFaults = (event: HarkEvent | undefined): string[] => {
  if (event === undefined) return []
  const { success, error } = eventData[event.type].safeParse(event.data)
  return success ? [] : faultsOf(error, ['data']).map(faultLine)
}
