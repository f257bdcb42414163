/**
 * A positive, strictly increasing place in the log: a byte offset in EventStoreDB, a counter in SQLite. Both stay below
 * 2^53, the exact range of numbers.
 */
export type Position = number

/** Precedes the first event. */
export const BEGINNING: Position = 0
