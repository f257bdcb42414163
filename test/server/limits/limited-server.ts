import assert from 'node:assert/strict'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { DEFAULT_LIMITS, type LimitName, type Limits } from '../../../src/config/limits.ts'
import type { ServerOptions } from '../../../src/server/server.ts'
import { eventually } from '../../support/eventually.ts'
import { type Answer, onlyError, TestServer } from '../../support/test-server.ts'

/** The tests of each limit, by title. */
export type Cases = Record<LimitName, Record<string, () => Promise<void>>>

export const WATCH = 'subscription { listeners { position } }'

export const withLimits = (
  limits: Partial<Limits>,
  server: Omit<ServerOptions, 'engine' | 'logger'> = {},
): Promise<TestServer> => TestServer.start({ server: { ...server, limits: { ...DEFAULT_LIMITS, ...limits } } })

/** Waits until the metrics count the hits; a request for them may exceed a limit as well. */
export const counted = (
  hark: TestServer,
  limit: LimitName,
  hits: number,
  headers: Record<string, string> = {},
): Promise<void> =>
  eventually(async () =>
    (await hark.get('/metrics', headers)).text.includes(`hark_limit_hits_total{limit="${limit}"} ${hits}\n`),
  )

/** Requires an error that names the limit. */
export const names = (answer: Pick<Answer, 'errors' | 'text'>, limit: LimitName, code: string): void => {
  const { message, extensions } = onlyError(answer)
  assert.deepEqual([extensions.code, (extensions as { readonly limit?: string }).limit], [code, limit])
  assert.notEqual(message, '')
}

/** Opens an initialized WebSocket. */
export const openSocket = async (hark: TestServer): Promise<WebSocket> => {
  const socket = new WebSocket(`${hark.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send('{"type":"connection_init"}')
  await once(socket, 'message')
  return socket
}

export const closed = async (socket: WebSocket): Promise<{ code: number; reason: string }> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return { code, reason: String(reason) }
}

export const list = (count: number) => Array.from({ length: count }, (_, index) => index)
