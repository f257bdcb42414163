import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Fastify from 'fastify'
import type { Engine } from '../../src/engine/engine.ts'
import { createServer, type ServerOptions } from '../../src/server/server.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { runClient } from './processes/client-process.ts'
import { alternately, inParallel, inScratch } from './scratch.ts'
import { LIFE, runAt } from './workload.ts'

const LISTENERS = 4_000
const CONNECTIONS = 64
const ROUNDS = 3
const LATENCY_SAMPLES = 1_000

export const withServer = async <T>(
  engine: Engine,
  work: (url: string) => Promise<T>,
  options: Partial<ServerOptions> = {},
): Promise<T> => {
  const server = createServer({ engine, logger: silentLogger, ...options })
  try {
    return await work(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`)
  } finally {
    await server.close()
  }
}

/** The engine, except that commands return a constant. */
const constantEngine = (engine: Engine, answer: unknown): Engine => ({
  ...engine,
  execute: (async () => answer) as Engine['execute'],
})

/** GraphQL mutations over HTTP, against the same server with a constant resolver. */
export const httpMutations = (): Promise<Figure[]> =>
  inScratch(folder =>
    withEngine(folder, async ({ engine }) => {
      const count = LISTENERS * LIFE
      const task = { measure: 'rate', connections: CONNECTIONS, count, listeners: LISTENERS, first: 0 } as const
      await withServer(engine, url => runClient({ ...task, url, set: 'warm-up' }))
      const answer = await runAt(engine, LISTENERS, count, 'warm-up')
      const [rate, constant] = await withServer(engine, url =>
        withServer(constantEngine(engine, answer), constantUrl =>
          alternately(
            ROUNDS,
            async round => (await runClient({ ...task, url, set: `round-${round}` })).rate,
            async round => (await runClient({ ...task, url: constantUrl, set: `round-${round}` })).rate,
          ),
        ),
      )
      return [
        {
          name: 'GraphQL mutations over HTTP, 64 connections, sqlite',
          unit: '/s',
          value: rate,
          against: { name: 'the same server with a resolver that returns a constant', value: constant },
          bar: { at: 'least', of: 0.75 },
        },
      ]
    }),
  )

/** A route that only inserts the request durably. */
const withInsertRoute = async <T>(folder: string, work: (url: string) => Promise<T>): Promise<T> => {
  const database = new DatabaseSync(join(folder, 'route.db'))
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (position INTEGER PRIMARY KEY, text TEXT)',
  )
  const insert = database.prepare('INSERT INTO log (text) VALUES (?)')
  const app = Fastify()
  app.post('/graphql', async ({ body }) => ({
    data: { position: insert.run(JSON.stringify(body)).lastInsertRowid.toString() },
  }))
  try {
    return await work(`${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`)
  } finally {
    await app.close()
    database.close()
  }
}

/** The latency of a change from the request to a subscriber. */
export const changeLatency = (): Promise<Figure[]> =>
  inScratch(folder =>
    withEngine(folder, async ({ engine }) => {
      await inParallel(CONNECTIONS, LISTENERS, index => runAt(engine, LISTENERS, index))
      const task = { connections: 1, count: LATENCY_SAMPLES, listeners: LISTENERS } as const
      // Warm up both sides with as many requests as are measured.
      const arrival = await withServer(engine, async url => {
        await runClient({ ...task, measure: 'arrival', url, first: 2 * LISTENERS })
        return runClient({ ...task, measure: 'arrival', url, first: 3 * LISTENERS })
      })
      const route = await withInsertRoute(folder, async url => {
        await runClient({ ...task, measure: 'answer', url, first: 2 * LISTENERS })
        return runClient({ ...task, measure: 'answer', url, first: 3 * LISTENERS })
      })
      const against = 'the same request to a Fastify route that does one durable INSERT'
      return [
        {
          name: 'mutation to its change at an SSE subscriber, p50',
          unit: 'ms',
          value: arrival.p50,
          against: { name: against, value: route.p50 },
          bar: { at: 'most', of: 3 },
        },
        {
          name: 'mutation to its change at an SSE subscriber, p99',
          unit: 'ms',
          value: arrival.p99,
          against: { name: against, value: route.p99 },
          bar: { at: 'most', of: 5 },
        },
      ]
    }),
  )
