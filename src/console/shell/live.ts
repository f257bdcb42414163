import { EventFeedDocument, LogSpanDocument, ViewerDocument } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { createSubscriptionClient, follow } from '../api/subscription.ts'
import { addNamespace, namespaceArguments, namespaces, viewer } from '../api/viewer.ts'
import { subjectOfStream } from '../events/describe-event.ts'
import { head, learnTimes, recordGrew, recordIs } from '../time/log.ts'

const BATCH_MS = 120

interface Seen {
  readonly position: string
  readonly time: string
  readonly stream: string
}

const createNotes = (): ((event: Seen) => void) => {
  let latest: Seen | undefined
  let isWaiting = false
  const take = (): void => {
    isWaiting = false
    if (latest === undefined) return
    learnTimes([latest])
    recordGrew(latest.position, Date.parse(latest.time))
  }
  return event => {
    const namespace = subjectOfStream(event.stream)?.namespace
    if (namespace !== undefined) addNamespace(namespace)
    if (latest === undefined || event.position > latest.position) latest = event
    if (!isWaiting) setTimeout(take, BATCH_MS)
    isWaiting = true
  }
}

const readLog = async (stop: AbortSignal): Promise<void> => {
  const [who, log] = await Promise.all([request(ViewerDocument, {}, stop), request(LogSpanDocument, {}, stop)])
  stop.throwIfAborted()
  viewer.value = who.viewer
  namespaces.value = who.namespaces
  const { firstTime, lastTime } = log.eventDensity
  recordIs(log.head, firstTime && lastTime ? { first: Date.parse(firstTime), last: Date.parse(lastTime) } : undefined)
}

/** @throws ApiError if the engine does not respond, or rejects the viewer */
export const goLive = async (stop: AbortSignal): Promise<void> => {
  await readLog(stop)
  const client = createSubscriptionClient()
  const onEvent = createNotes()
  stop.addEventListener('abort', () => void client.dispose(), { once: true })
  for (const scope of namespaceArguments.peek()) {
    let position = head.peek()
    void follow(
      client,
      EventFeedDocument,
      () => ({ ...scope, from: { position } }),
      ({ events }) => {
        position = events.position
        onEvent(events)
      },
      stop,
    )
  }
}
