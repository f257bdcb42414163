import { randomUUID } from 'node:crypto'
import type { ListenerCommand } from '../../schemas/commands.ts'
import type { Caller } from '../../src/engine/commands/types.ts'
import type { Engine } from '../../src/engine/engine.ts'

export const CALLER: Caller = { actor: 'bench', via: 'graphql' as const, correlationId: randomUUID() }

/** Unique names per run, because a server may keep the streams of earlier runs. */
export const RUN = process.env.BENCH_RUN ?? `bench-${randomUUID().slice(0, 8)}`

/** Commands in the life of one listener; a longer life repeats its end. */
export const LIFE = 4

/**
 * The nth command of listeners' lives: create, change the port, then change the routing key repeatedly. The first two
 * reserve an endpoint and append two events, all others one. Sets have different listeners.
 */
export const commandAt = (listeners: number, index: number, set = 'listener'): ListenerCommand => {
  const listener = index % listeners
  const subject = { namespace: `${RUN}-${listener % 100}`, name: `${set}-${listener}` }
  switch (Math.floor(index / listeners)) {
    case 0: {
      const key = `${set}-service-${listener}`
      const spec = {
        routingKey: key,
        host: key,
        port: 8080,
        type: 'tcp',
        exposePodsByName: false,
        settings: { observer: 'auto' as const },
      }
      return { type: 'CreateListener', ...subject, spec }
    }
    case 1:
      return { type: 'UpdatePort', ...subject, port: 9090 }
    default:
      return {
        type: 'UpdateRoutingKey',
        ...subject,
        routingKey: `${set}-service-${listener}-${Math.floor(index / listeners)}`,
      }
  }
}

export const runAt = (engine: Engine, listeners: number, index: number, set?: string): Promise<unknown> =>
  engine.execute(commandAt(listeners, index, set), { caller: CALLER })
