import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { AppendedOutOfOrder, type AppendResult, type StreamAppend } from '../../event-store.ts'
import { serializeAppend } from '../../validate-append.ts'
import type { CallContext } from '../call-context.ts'
import { closed, toAppendError } from '../errors.ts'
import { withTimeout } from '../with-timeout.ts'
import { append, toResult } from './append.ts'
import type { AppendCall } from './append-call.ts'
import type { AppendResponse } from './append-response.ts'

const MAX_APPENDS = 256
const MAX_CHARACTERS = 4_000_000

/** Sends up to 256 appends before the response to the first. */
export const appendInOrder = async (
  context: CallContext,
  appends: AsyncIterable<StreamAppend>,
  after: Position,
): Promise<void> => {
  const window = new AppendWindow(context, after)
  try {
    for await (const append of appends) await window.add(append)
  } finally {
    await window.finish()
  }
}

interface SentAppend {
  readonly append: StreamAppend
  readonly characters: number
  readonly response: Promise<AppendResponse>
}

/**
 * Uses a call of its own, which the server executes in the order sent. On a failure, no further append goes to that
 * call, so what the server executed of it is the beginning of what was sent.
 */
class AppendWindow {
  readonly #context: CallContext
  #call: AppendCall | undefined
  #sent: SentAppend[] = []
  #characters = 0
  #end: Position

  constructor(context: CallContext, end: Position) {
    this.#context = context
    this.#end = end
  }

  async add(append: StreamAppend): Promise<void> {
    const { stream, expectedRevision } = append
    const events = serializeAppend(stream, append.events)
    const characters = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0)
    while (this.#sent.length >= MAX_APPENDS || (this.#characters > 0 && this.#characters + characters > MAX_CHARACTERS))
      await this.#confirmFirst()
    if (this.#context.closing.aborted) throw closed()
    try {
      this.#call ??= await this.#context.appends.open()
    } catch {
      return this.#appendAlone(append)
    }
    const response = this.#call.append({ stream, expectedRevision, events })
    // Awaited when it is the first.
    response.catch(() => {})
    this.#sent.push({ append, characters, response })
    this.#characters += characters
  }

  async finish(): Promise<void> {
    while (this.#sent.length > 0) await this.#confirmFirst()
    this.#call?.cancel()
  }

  async #confirmFirst(): Promise<void> {
    const { append, characters, response } = this.#sent[0]!
    let result: AppendResult
    try {
      result = await toResult(this.#context, append, await withTimeout(this.#context.timeoutMs, response))
    } catch (error) {
      return this.#recover(error)
    }
    this.#confirm(append, result)
    this.#sent.shift()
    this.#characters -= characters
  }

  #confirm(append: StreamAppend, { position }: AppendResult): void {
    if (position <= this.#end) this.#fail(new AppendedOutOfOrder(append))
    this.#end = position
  }

  /** An append that is there again has its first position, so positions prove the order. */
  async #recover(error: unknown): Promise<void> {
    const sent = this.#sent
    await this.#settle(sent)
    this.#reset()
    const { stream, expectedRevision } = sent[0]!.append
    const refusal = toAppendError(error, stream, expectedRevision)
    if (refusal !== undefined) throw refusal
    for (const { append } of sent) await this.#appendAlone(append)
  }

  async #settle(sent: readonly SentAppend[]): Promise<void> {
    const settled = Promise.allSettled(sent.map(({ response }) => response))
    await withTimeout(this.#context.timeoutMs, settled).catch(() => {})
  }

  async #appendAlone(one: StreamAppend): Promise<void> {
    this.#confirm(one, await append(this.#context, one.stream, one.expectedRevision, one.events))
  }

  #fail(error: Error): never {
    this.#reset()
    throw error
  }

  #reset(): void {
    this.#call?.cancel()
    this.#call = undefined
    this.#sent = []
    this.#characters = 0
  }
}
