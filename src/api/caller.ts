import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import type { Caller } from '../engine/engine.ts'

/** Nobody is asked who they are yet. */
const ACTOR = 'anonymous'

const uuid = z.uuid()

/** The id that ties together all that comes of a request: its sender's own, or a new one. */
export const requestId = (headers: IncomingHttpHeaders): string => {
  const given = headers['x-request-id']
  return given !== undefined && uuid.safeParse(given).success ? (given as string) : randomUUID()
}

export const callerOf = (correlationId: string): Caller => ({ actor: ACTOR, correlationId })
