import { Readable } from 'node:stream'

export const EVENT_STREAM = 'text/event-stream'
/** A comment, which keeps those between from taking the connection for idle. */
const COMMENT = ':\n\n'
const COMMENT_EVERY_MS = 12_000
/** So many messages are sent before others have their turn. */
const MESSAGES_A_TURN = 20

const nextEvent = (text: string): string => `event: next\ndata: ${text}\n\n`
const COMPLETE = 'event: complete\ndata:\n\n'

export interface EventStreamOptions {
  /** Undefined where a message may be sent at once; else what resolves when it may. */
  readonly turn: () => Promise<void> | undefined
  /** How long a message may stay unread. */
  readonly patienceMs: number
  /** Called where one did for longer, and the stream is given up. */
  readonly givenUp: () => void
}

/**
 * Results as server-sent events, by the protocol graphql-sse. The next one is asked for when its reader has room for it.
 *
 * @param texts JSON, which has no line breaks
 */
export const eventStream = (
  texts: AsyncIterableIterator<string>,
  { turn, patienceMs, givenUp }: EventStreamOptions,
): Readable => {
  let isProducing = false
  let produced = 0
  let unread: NodeJS.Timeout | undefined
  const push = (text: string): void => {
    unread ??= setTimeout(() => {
      givenUp()
      stream.destroy()
    }, patienceMs).unref()
    stream.push(text)
  }
  const produce = async (): Promise<void> => {
    try {
      const { value, done } = await texts.next()
      produced += 1
      if (produced % MESSAGES_A_TURN === 0) await turn()
      isProducing = false
      if (stream.destroyed) return
      push(done ? COMPLETE : nextEvent(value))
      if (done) stream.push(null)
    } catch (error) {
      stream.destroy(error as Error)
    }
  }
  const stream = new Readable({
    read: () => {
      clearTimeout(unread)
      unread = undefined
      // A comment that is pushed meanwhile makes the stream ask again.
      if (isProducing) return
      isProducing = true
      void produce()
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
  }, COMMENT_EVERY_MS).unref()
  // Some browsers do not take the head for an answer until something comes after it.
  push(COMMENT)
  return stream
}
