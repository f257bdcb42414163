import { randomUUID } from 'node:crypto'
import net from 'node:net'
import { test } from 'node:test'
import type { Clock } from '../../../src/lib/clock.ts'
import { connectRouter } from '../../../src/router/amqp/connect.ts'
import type { Entity } from '../../../src/router/amqp/management.ts'
import type { RouterSession } from '../../../src/router/amqp/session.ts'
import { seededRandom } from '../../support/random.ts'
import { BareClient } from './bare-client.ts'

/** Two routers that are linked: one to look at, and a remote one. */
export interface TwoRouters extends AsyncDisposable {
  readonly url: string
  readonly remoteUrl: string
  /** What the routers live by. */
  readonly clock: Clock
}

export interface Scene {
  readonly router: RouterSession
  readonly remote: RouterSession
  /** Management of the first router with nothing of Hark's in between. */
  readonly bare: BareClient
  /** Looks again and again until something is there. */
  readonly soon: <T>(look: () => Promise<T | undefined> | T | undefined, withinMs?: number) => Promise<T>
  /** Of no other test. */
  readonly key: string
  /** Makes an entity that is deleted when the test is over. */
  readonly create: (on: RouterSession, type: string, name: string, attributes: Entity) => Promise<Entity>
}

export type Declare = (name: string, body: (scene: Scene) => Promise<void>) => void

export const TYPE = (name: string): string => `io.skupper.router.${name}`

/** Declares a test with connections of its own. */
export const declareOn =
  (routers: () => TwoRouters): Declare =>
  (name, body) => {
    test(name, async () => {
      const { url, remoteUrl, clock } = routers()
      const router = await connectRouter({ url }, { clock })
      const remote = await connectRouter({ url: remoteUrl }, { clock })
      const bare = await BareClient.open(url)
      const made: (() => Promise<void>)[] = []
      try {
        await body({
          router,
          remote,
          bare,
          soon: (look, withinMs) => soon(clock, look, withinMs),
          key: `contract-${randomUUID()}`,
          create: async (on, type, entityName, attributes) => {
            const entity = await on.management.create(TYPE(type), entityName, attributes)
            made.unshift(() => on.management.delete(TYPE(type), entityName))
            return entity
          },
        })
      } finally {
        for (const undo of made) await undo().catch(() => undefined)
        await Promise.all([router.close(), remote.close(), bare.close()])
      }
    })
  }

const soon = async <T>(
  clock: Clock,
  look: () => Promise<T | undefined> | T | undefined,
  withinMs = 15_000,
): Promise<T> => {
  const end = clock.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (clock.now() > end) throw new Error(`it was not so within ${withinMs} ms`)
    await clock.sleep(20)
  }
}

const FIRST_PORT = 15_000
const PORTS = 16_000

/** Of this process alone: files of tests run side by side, and each is to try other ports. */
const place = seededRandom(process.pid)

/**
 * A port of the loopback that nobody listens on, for a listener that must name one. It is none that the system gives away
 * itself: such a port would be another connection's before it is listened on.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    try {
      await using held = await holdPort(FIRST_PORT + Math.floor(place() * PORTS))
      return held.port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

/** Listens on a port, on any where none is given, until it is disposed of. */
export const holdPort = async (port = 0): Promise<{ readonly port: number } & AsyncDisposable> => {
  const server = net.createServer(socket => socket.on('error', () => undefined).end('hello\n'))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve)
  })
  return {
    port: (server.address() as net.AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}

/** What a router reports of a listener. */
export const socketOf = async (router: RouterSession, name: string): Promise<{ up: boolean; message: unknown }> => {
  const entities = await router.management.query(TYPE('tcpListener'), ['name', 'operStatus', 'connectionMsg'])
  const entity = entities.find(listener => listener.name === name)
  return { up: entity?.operStatus === 'up', message: entity?.connectionMsg }
}
