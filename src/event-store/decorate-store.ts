import { appendOneByOne } from './append-groups.ts'
import type { EventStore } from './event-store.ts'

export const decorateStore = <Methods extends Partial<Omit<EventStore, 'isShared' | 'readOnlyReason'>>>(
  store: EventStore,
  methods: Methods,
): EventStore & Methods => {
  // A decorated append must see every event.
  const isAppendDecorated = methods.append !== undefined
  const forwarding: EventStore = {
    isShared: store.isShared,
    get readOnlyReason() {
      return store.readOnlyReason
    },
    append: (stream, expectedRevision, events) => store.append(stream, expectedRevision, events),
    ...(store.appendAll !== undefined && !isAppendDecorated && { appendAll: store.appendAll }),
    appendInOrder: isAppendDecorated
      ? appends => appendOneByOne(methods as Pick<EventStore, 'append'>, appends)
      : (appends, after) => store.appendInOrder(appends, after),
    readStream: (stream, options) => store.readStream(stream, options),
    readAll: options => store.readAll(options),
    check: () => store.check(),
    subscribe: options => store.subscribe(options),
    holds: (mark, signal) => store.holds(mark, signal),
    ping: () => store.ping(),
    close: () => store.close(),
  }
  return Object.assign(forwarding, methods)
}
