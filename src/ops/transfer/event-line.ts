import { z } from 'zod'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { isWellFormed } from '../../../schemas/well-formed.ts'

/** An event as a line of an exported log has it: all but its position, which every store gives in its own way. */
export type ExportedEvent = Omit<RecordedEvent<string, object>, 'position'>

const exportedEvent = z.strictObject({
  stream: z.string().min(1),
  revision: z.int().min(0),
  id: z.uuid(),
  type: z.string().min(1),
  time: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
  // As it was written, whichever version of Hark knows it.
  metadata: z.looseObject({ schemaVersion: z.int().min(1), actor: z.string(), correlationId: z.string() }),
})

/** JSON without a line break: the same event gives the same bytes, whichever store it comes from. */
export const toLine = ({ stream, revision, id, type, time, data, metadata }: RecordedEvent | ExportedEvent): string =>
  JSON.stringify({ stream, revision, id, type, time, data, metadata })

/** @throws Error that names the line and says what is wrong with it */
export const fromLine = (line: string, number: number): ExportedEvent => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new Error(`line ${number} is not JSON`)
  }
  // A half of a character is written as something else, and texts that differ would be one.
  if (!isWellFormed(value)) throw new Error(`line ${number} has text that is not well-formed Unicode`)
  const { success, error } = exportedEvent.safeParse(value)
  // Not what the schema makes of it: the order of its keys is part of the bytes that an export is to give back.
  if (success) return value as ExportedEvent
  const [issue] = error.issues
  throw new Error(`line ${number} is not an event: ${issue?.path.join('.') || 'it'}: ${issue?.message}`)
}
