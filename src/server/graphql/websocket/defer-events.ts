import type { EventEmitter } from 'node:events'

/** Each event keeps its place behind earlier ones. */
export const deferEvents = (
  emitter: EventEmitter,
  events: readonly string[],
  defer: (work: () => void) => void,
): void => {
  for (const event of events) {
    const listeners = emitter.listeners(event)
    emitter.removeAllListeners(event)
    emitter.once(event, (...values: unknown[]) =>
      defer(() => {
        for (const listener of listeners) listener.apply(emitter, values)
      }),
    )
  }
}
