import { type EventLocation, StoreCorrupted } from './event-store.ts'

export const isJsonObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

export const assertJsonObject = (value: unknown, what: 'data' | 'metadata', place: EventLocation): object => {
  if (isJsonObject(value)) return value
  throw new StoreCorrupted(place, `its ${what} is not a JSON object`)
}

export const parseJsonObject = (text: string, what: 'data' | 'metadata', place: EventLocation): object => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message would quote data.
    throw new StoreCorrupted(place, `its ${what} is not JSON`)
  }
  return assertJsonObject(value, what, place)
}
