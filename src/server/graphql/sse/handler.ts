import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { badUserInput, HarkError } from '../../../../schemas/errors.ts'
import type { Principal } from '../../../auth/roles.ts'
import { startOperationSpan } from '../../../telemetry/operation-span.ts'
import { admit, bodyBytes } from '../../http/admission.ts'
import { callerOf } from '../../http/request-origin.ts'
import type { OperationSlot } from '../../operation-slots.ts'
import { EVENT_STREAM_PATH, type ServerServices } from '../../services.ts'
import { clientKey, OperationContext } from '../context.ts'
import { maskError } from '../mask-error.ts'
import { prepareOperation } from '../operation.ts'
import { EVENT_STREAM, UNBUFFERED } from '../plugins/operation-rules.ts'
import { type OperationRequest, parseBody } from '../request-parser.ts'
import type { SseConnection } from './connection.ts'
import { Reservations } from './reservations.ts'

const TOKEN_HEADER = 'x-graphql-event-stream-token'
const MAX_ID_LENGTH = 1000

type Fields = Readonly<Record<string, unknown>>

const operationId = (value: unknown, path: string): string => {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_ID_LENGTH) return value
  const message = `must be the id of the operation: a string of 1 to ${MAX_ID_LENGTH} characters`
  throw badUserInput([{ path, message }])
}

export class SseHandler {
  readonly #services: ServerServices
  readonly #reservations: Reservations

  constructor(app: FastifyInstance, services: ServerServices) {
    const { limits, slots, logger } = services
    this.#services = services
    this.#reservations = new Reservations(limits, {
      slots,
      maskError: error => maskError(error, { requestId: '' }, logger),
      onFailure: error => logger.error({ error }, 'an operation of an event stream failed unexpectedly'),
    })
    const onRequest = (request: FastifyRequest, reply: FastifyReply) => admit(request, reply, services)
    app.put(EVENT_STREAM_PATH, { onRequest }, (request, reply) => this.#reserve(request, reply))
    app.get(EVENT_STREAM_PATH, { onRequest, exposeHeadRoute: false }, (request, reply) => this.#connect(request, reply))
    app.post(EVENT_STREAM_PATH, { onRequest }, (request, reply) => this.#start(request, reply))
    app.delete(EVENT_STREAM_PATH, { onRequest }, (request, reply) => this.#stop(request, reply))
  }

  close(): void {
    this.#reservations.drain()
  }

  #reserve(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const token = this.#reservations.add(this.#clientKey(request))
    return reply.code(201).header('content-type', 'text/plain; charset=utf-8').send(token)
  }

  #connect(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const stream = this.#find(request)
    if (stream.isConnected) throw new HarkError('CONFLICT', 'the event stream has a connection already')
    request.slot?.release()
    const { raw: response } = reply
    const events = stream.connect(response)
    if (response.closed) stream.close()
    // Thousands of connections may close together.
    response.once('close', () => this.#services.scheduler.run('closed connections', () => stream.close()))
    return reply.headers({ 'content-type': EVENT_STREAM, ...UNBUFFERED }).send(events)
  }

  async #start(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const operation = parseBody(request.body)
    const { extensions } = request.body as { readonly extensions?: Fields | null }
    const id = operationId(extensions?.operationId, 'extensions.operationId')
    const stream = await this.#findWithRoom(request)
    if (reply.raw.closed) return reply
    if (stream.hasOperation(id)) throw new HarkError('CONFLICT', `the event stream has an operation ${id} already`)
    // The operation has a slot of its own, which outlives this request.
    request.slot?.release()
    stream.start({
      id,
      clientKey: stream.clientKey,
      bytes: bodyBytes(request, this.#services.limits),
      prepare: (signal, slot) => this.#prepare(request, operation, signal, slot),
    })
    return reply.code(202).send()
  }

  /** A client that does not read must not start operations: each has a result. */
  async #findWithRoom(request: FastifyRequest): Promise<SseConnection> {
    const { gate, clientIp } = this.#services
    let stream = this.#find(request)
    for (let room = stream.room(); room !== undefined; room = stream.room()) {
      await room
      gate.readmit(request.principal as Principal, clientIp(request.raw))
      stream = this.#find(request)
    }
    return stream
  }

  #stop(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const stream = this.#find(request)
    stream.stop(operationId((request.query as Fields).operationId, 'operationId'))
    return reply.code(200).send()
  }

  #prepare(
    { id, raw, headers, principal }: FastifyRequest,
    operation: OperationRequest,
    signal: AbortSignal,
    slot: OperationSlot,
  ): ReturnType<typeof prepareOperation> {
    const { clientIp, tracer, yoga } = this.#services
    const traced = { transport: 'EventStream', path: EVENT_STREAM_PATH, requestId: id, fields: headers }
    const span = startOperationSpan(tracer, traced, signal)
    const origin = { id, address: clientIp(raw), userAgent: headers['user-agent'], ...(span && { span }) }
    const caller = callerOf(principal as Principal, origin)
    return prepareOperation(
      yoga,
      operation,
      new OperationContext(principal as Principal, caller, this.#services, signal, slot),
    )
  }

  #find(request: FastifyRequest): SseConnection {
    const { token } = request.query as Fields
    const { [TOKEN_HEADER]: header = token } = request.headers
    return this.#reservations.find(typeof header === 'string' ? header : undefined, this.#clientKey(request))
  }

  #clientKey({ principal, raw }: FastifyRequest): string {
    return clientKey(principal as Principal, this.#services.clientIp(raw))
  }
}
