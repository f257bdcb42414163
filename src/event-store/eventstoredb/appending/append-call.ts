import { randomUUID } from 'node:crypto'
import { convertToCommandError } from '@eventstore/db-client'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { Status } from '@eventstore/db-client/generated/status_pb.js'
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { toSafeInteger } from '../to-recorded-event.ts'

export type AppendDuplex = ClientDuplexStream<BatchAppendReq, BatchAppendResp>

export interface AppendResponse {
  readonly revision: number
  /** The server may omit the position of events that it had before. */
  readonly position: Position | undefined
}

/** The server's response to one append. The call continues. */
export class AppendRejected extends Error {
  override readonly name = 'AppendRejected'
  readonly status: Status

  constructor(status: Status) {
    super(status.getMessage())
    this.status = status
  }
}

/** A gRPC call for many appends, which the server executes in the order sent. Its failure rejects all pending appends. */
export class AppendCall {
  readonly #call: AppendDuplex
  readonly #pending = new Map<string, PromiseWithResolvers<AppendResponse>>()
  #failure: Error | undefined

  constructor(call: AppendDuplex) {
    this.#call = call
    call.on('data', (response: BatchAppendResp) => this.#settle(response))
    call.on('error', error => this.#fail(convertToCommandError(error)))
    call.on('end', () => call.destroy(new Error('the server ended the call')))
  }

  get isOver(): boolean {
    return this.#failure !== undefined
  }

  append(request: BatchAppendReq): Promise<AppendResponse> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const id = randomUUID()
    const pending = Promise.withResolvers<AppendResponse>()
    this.#pending.set(id, pending)
    this.#call.write(request.setCorrelationId(new shared.UUID().setString(id)))
    return pending.promise
  }

  cancel(): void {
    this.#fail(new Error('the call is cancelled'))
    this.#call.cancel()
  }

  #settle(response: BatchAppendResp): void {
    const id = response.getCorrelationId()?.getString() ?? ''
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    const error = response.getError()
    if (error !== undefined) pending?.reject(new AppendRejected(error))
    else pending?.resolve(toResponse(response.getSuccess()!))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

const toResponse = (success: BatchAppendResp.Success): AppendResponse => {
  const position = success.getPosition()?.getCommitPosition()
  return {
    revision: toSafeInteger(BigInt(success.getCurrentRevision())),
    position: position === undefined ? undefined : toSafeInteger(BigInt(position)),
  }
}

/** Appends share one call, which is opened again after a failure. */
export class AppendCalls {
  readonly #openCall: () => Promise<AppendDuplex>
  #shared: AppendCall | undefined
  #opening: Promise<AppendCall> | undefined

  constructor(openCall: () => Promise<AppendDuplex>) {
    this.#openCall = openCall
  }

  async append(request: BatchAppendReq): Promise<AppendResponse> {
    if (this.#shared === undefined || this.#shared.isOver) {
      this.#opening ??= this.open().finally(() => {
        this.#opening = undefined
      })
      this.#shared = await this.#opening
    }
    return this.#shared.append(request)
  }

  async open(): Promise<AppendCall> {
    return new AppendCall(await this.#openCall())
  }
}
