import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import type { Principal } from '../../auth/roles.ts'
import type { Caller } from '../../engine/commands/types.ts'

const uuid = z.uuid()
/** As the command `hark` names itself. */
const CLI = /^hark\//

/** The id that ties together all that comes of a request: its sender's own, or a new one. */
export const requestId = (headers: IncomingHttpHeaders): string => {
  const given = headers['x-request-id']
  return given !== undefined && uuid.safeParse(given).success ? (given as string) : randomUUID()
}

/** What is known of a request but its contents. */
export interface RequestOrigin {
  readonly id: string
  /** Of the client, or of a proxy that is not trusted to tell whose. */
  readonly address: string
  readonly userAgent?: string | undefined
}

export const callerOf = ({ name }: Principal, { id, address, userAgent }: RequestOrigin): Caller => ({
  actor: name,
  via: userAgent !== undefined && CLI.test(userAgent) ? 'cli' : 'graphql',
  clientAddress: address,
  correlationId: id,
})
