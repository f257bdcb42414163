import { z } from 'zod'
import { EVENTS, type EventType, type HarkEvent, isEventType } from '../../../schemas/events/events.ts'
import { BEGINNING, eventMetadata, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { schemaVersion, upcastEvent } from '../../../schemas/events/upcast.ts'
import { formatIssue, toIssues } from '../../../schemas/validation.ts'
import { type EventLocation, formatLocation } from '../../event-store/event-store.ts'
import type { Finding } from '../../integrity/verify/finding.ts'

const position = z.int().min(1)
const stream = z.string().min(1)
const revision = z.int().min(0)

const recordedEvent = z.object({
  position,
  stream,
  revision,
  id: z.string().min(1),
  type: z.string().min(1),
  time: z.iso.datetime({ precision: 3 }),
  data: z.record(z.string(), z.unknown()),
  metadata: z.record(z.string(), z.unknown()),
})

const placeOf = (event: Partial<Record<keyof EventLocation, unknown>>): string =>
  formatLocation({
    position: position.safeParse(event.position).data,
    stream: stream.safeParse(event.stream).data,
    revision: revision.safeParse(event.revision).data,
  })

export class LogCheck {
  readonly #revisions = new Map<string, number>()
  #position: Position = BEGINNING
  #time = ''

  check(event: RecordedEvent): { readonly event: HarkEvent | undefined; readonly findings: readonly Finding[] } {
    const place = placeOf(event)
    const { read, faults } = this.#look(event)
    return { event: faults.length === 0 ? read : undefined, findings: faults.map(fault => ({ place, fault })) }
  }

  #look(event: RecordedEvent): { readonly read?: HarkEvent | undefined; readonly faults: readonly string[] } {
    const { success, error } = recordedEvent.safeParse(event)
    if (!success) return { faults: toIssues(error).map(formatIssue) }
    const faults = [...this.#orderFaults(event), ...metadataFaults(event)]
    if (!eventMetadata.shape.schemaVersion.safeParse(event.metadata.schemaVersion).success) return { faults }
    try {
      const read = upcastEvent(event)
      return { read, faults: [...faults, ...dataFaults(read)] }
    } catch (error) {
      const fault = `version ${event.metadata.schemaVersion} of ${event.type} cannot be upcast`
      return { faults: [...faults, `${fault}: ${(error as Error).message}`] }
    }
  }

  *#orderFaults({ stream, revision, position, time }: RecordedEvent): Iterable<string> {
    const expected = (this.#revisions.get(stream) ?? -1) + 1
    if (revision !== expected) yield `revision ${expected} should follow`
    if (position <= this.#position) yield 'its position is not after that of the previous event'
    if (time < this.#time) yield `it was recorded at ${time}, before the previous event (${this.#time})`
    this.#revisions.set(stream, revision)
    this.#position = position
    this.#time = time
  }
}

const metadataFaults = ({ type, metadata }: RecordedEvent): string[] => {
  const { success, error } = eventMetadata.safeParse(metadata)
  if (!success) return toIssues(error, ['metadata']).map(formatIssue)
  // Unknown types may have any version.
  if (isEventType(type) && metadata.schemaVersion > schemaVersion(type as EventType))
    return [`version ${metadata.schemaVersion} of ${type} is newer than this version of Hark supports`]
  return []
}

const dataFaults = (event: HarkEvent | undefined): string[] => {
  if (event === undefined) return []
  const { success, error } = EVENTS[event.type].data.safeParse(event.data)
  return success ? [] : toIssues(error, ['data']).map(formatIssue)
}
