import { randomUUID } from 'node:crypto'
import { convertToCommandError } from '@eventstore/db-client'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import { type AppendRequest, encodeAppendRequest } from './append-request.ts'
import { type AppendOutcome, AppendRejected, type AppendResponse } from './append-response.ts'

export type AppendDuplex = ClientDuplexStream<Buffer, AppendOutcome>

/** A gRPC call for many appends, which the server executes in the order sent. Its failure rejects all pending appends. */
export class AppendCall {
  readonly #call: AppendDuplex
  readonly #pending = new Map<string, PromiseWithResolvers<AppendResponse>>()
  #failure: Error | undefined

  constructor(call: AppendDuplex) {
    this.#call = call
    call.on('data', (outcome: AppendOutcome) => this.#settle(outcome))
    call.on('error', error => this.#fail(convertToCommandError(error)))
    call.on('end', () => call.destroy(new Error('the server ended the call')))
  }

  get isOver(): boolean {
    return this.#failure !== undefined
  }

  append(request: AppendRequest): Promise<AppendResponse> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const id = randomUUID()
    const encoded = encodeAppendRequest(id, request)
    const pending = Promise.withResolvers<AppendResponse>()
    this.#pending.set(id, pending)
    this.#call.write(encoded)
    return pending.promise
  }

  cancel(): void {
    this.#fail(new Error('the call is cancelled'))
    this.#call.cancel()
  }

  #settle({ correlationId, result }: AppendOutcome): void {
    const pending = this.#pending.get(correlationId)
    this.#pending.delete(correlationId)
    if (result instanceof AppendRejected) pending?.reject(result)
    else pending?.resolve(result)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

/** A call sends one message in a turn of the event loop, so appends of many callers use several. */
const CALLS = 8

/** Appends share calls, which are opened again after a failure. */
export class AppendCalls {
  readonly #openCall: () => Promise<AppendDuplex>
  readonly #shared: readonly SharedCall[]

  constructor(openCall: () => Promise<AppendDuplex>) {
    this.#openCall = openCall
    this.#shared = Array.from({ length: CALLS }, () => new SharedCall(() => this.open()))
  }

  append(request: AppendRequest): Promise<AppendResponse> {
    return this.#shared.reduce((idlest, call) => (call.pending < idlest.pending ? call : idlest)).append(request)
  }

  async open(): Promise<AppendCall> {
    return new AppendCall(await this.#openCall())
  }
}

class SharedCall {
  readonly #open: () => Promise<AppendCall>
  #call: AppendCall | undefined
  #opening: Promise<AppendCall> | undefined
  pending = 0

  constructor(open: () => Promise<AppendCall>) {
    this.#open = open
  }

  async append(request: AppendRequest): Promise<AppendResponse> {
    this.pending += 1
    try {
      const call = this.#call === undefined || this.#call.isOver ? await this.#opened() : this.#call
      return await call.append(request)
    } finally {
      this.pending -= 1
    }
  }

  async #opened(): Promise<AppendCall> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    this.#call = await this.#opening
    return this.#call
  }
}
