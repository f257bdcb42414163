import { Readable } from 'node:stream'

export const EVENT_STREAM = 'text/event-stream'
/** Keeps proxies from closing an idle connection. */
const COMMENT = ':\n\n'
const COMMENT_INTERVAL_MS = 12_000
const MESSAGES_PER_TURN = 20

const nextEvent = (text: string): string => `event: next\ndata: ${text}\n\n`
const COMPLETE_EVENT = 'event: complete\ndata:\n\n'

export interface EventStreamOptions {
  /** Undefined if the stream may continue; otherwise resolves when it may. */
  readonly turn: () => Promise<void> | undefined
  readonly timeoutMs: number
  /** Called when a message is unread for `timeoutMs`; the stream is destroyed. */
  readonly onTimeout: () => void
}

/**
 * Server-sent events of graphql-sse, pulled when the reader has room.
 *
 * @param texts JSON without line breaks
 */
export const eventStream = (
  texts: AsyncIterableIterator<string>,
  { turn, timeoutMs, onTimeout }: EventStreamOptions,
): Readable => {
  let isPulling = false
  let pulled = 0
  let unread: NodeJS.Timeout | undefined
  const push = (text: string): void => {
    unread ??= setTimeout(() => {
      onTimeout()
      stream.destroy()
    }, timeoutMs).unref()
    stream.push(text)
  }
  const pull = async (): Promise<void> => {
    try {
      const { value, done } = await texts.next()
      pulled += 1
      if (pulled % MESSAGES_PER_TURN === 0) await turn()
      isPulling = false
      if (stream.destroyed) return
      push(done ? COMPLETE_EVENT : nextEvent(value))
      if (done) stream.push(null)
    } catch (error) {
      stream.destroy(error as Error)
    }
  }
  const stream = new Readable({
    read: () => {
      clearTimeout(unread)
      unread = undefined
      // Pushing a comment makes the stream call read() again.
      if (isPulling) return
      isPulling = true
      void pull()
    },
    destroy: async (error, done) => {
      clearInterval(comments)
      clearTimeout(unread)
      await turn()
      await texts.return?.().catch(() => undefined)
      done(error)
    },
  })
  const comments = setInterval(() => {
    if (stream.readableLength === 0) push(COMMENT)
  }, COMMENT_INTERVAL_MS).unref()
  // Some browsers deliver the response headers only with the first bytes of the body.
  push(COMMENT)
  return stream
}
