import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../auth/roles.ts'
import { clientKey } from '../graphql/context.ts'
import type { EnforcedLimits } from '../limits.ts'
import type { OperationSlot } from '../operation-slots.ts'
import type { ServerServices } from '../services.ts'

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
    slot: OperationSlot | null
  }
}

export const registerAdmission = (app: FastifyInstance): void => {
  app.decorateRequest('principal', null)
  app.decorateRequest('slot', null)
}

export const bodyBytes = ({ headers }: FastifyRequest, { requestBytes }: EnforcedLimits): number => {
  if (headers['content-length'] !== undefined) return Math.min(Number(headers['content-length']), requestBytes)
  return headers['transfer-encoding'] === undefined ? 0 : requestBytes
}

/** A rejected client cannot send much. The slot is released when the response is over. */
export const admit = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { gate, slots, limits, clientIp }: ServerServices,
): Promise<void> => {
  const address = clientIp(request.raw)
  request.principal = await gate.authenticate(request.headers.authorization, address)
  const slot = slots.acquire(clientKey(request.principal, address), bodyBytes(request, limits))
  request.slot = slot
  // The connection may have closed meanwhile.
  if (reply.raw.closed) slot.release()
  else reply.raw.once('close', () => slot.release())
}
