import { z } from 'zod'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { isWellFormed } from '../../../schemas/well-formed.ts'

/** Omits the position, which differs between stores. */
export type ExportedEvent = Omit<RecordedEvent<string, object>, 'position'>

const exportedEvent = z.strictObject({
  stream: z.string().min(1),
  revision: z.int().min(0),
  id: z.uuid(),
  type: z.string().min(1),
  time: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
  // Accepts metadata of any version.
  metadata: z.looseObject({ schemaVersion: z.int().min(1), actor: z.string(), correlationId: z.string() }),
})

/** The same event gives the same bytes from any store. */
export const toLine = ({ stream, revision, id, type, time, data, metadata }: RecordedEvent | ExportedEvent): string =>
  JSON.stringify({ stream, revision, id, type, time, data, metadata })

export const fromLine = (line: string, number: number): ExportedEvent => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new Error(`line ${number} is not JSON`)
  }
  // Encoding replaces a lone surrogate, which would make different texts equal.
  if (!isWellFormed(value)) throw new Error(`line ${number} contains a string that is not well-formed Unicode`)
  const { success, error } = exportedEvent.safeParse(value)
  // The schema may reorder keys.
  if (success) return value as ExportedEvent
  const [issue] = error.issues
  throw new Error(`line ${number} is not an event: ${issue?.path.join('.') || 'the value'}: ${issue?.message}`)
}
