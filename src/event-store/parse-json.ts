import { type EventLocation, StoreCorrupted } from './event-store.ts'

/** What any event's data and metadata is: an object of JSON. */
export const isJsonObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

/** @throws StoreCorrupted where it is none */
export const assertJsonObject = (value: unknown, what: 'data' | 'metadata', place: EventLocation): object => {
  if (isJsonObject(value)) return value
  throw new StoreCorrupted(place, `its ${what} is no JSON object`)
}

/** @throws StoreCorrupted where the text is no JSON object */
export const parseJsonObject = (text: string, what: 'data' | 'metadata', place: EventLocation): object => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // What the parser says quotes what stands there.
    throw new StoreCorrupted(place, `its ${what} is not JSON`)
  }
  return assertJsonObject(value, what, place)
}
