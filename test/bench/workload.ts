import { randomUUID } from 'node:crypto'
import type { ListenerCommand } from '../../schemas/commands.ts'
import type { Caller } from '../../src/engine/commands/types.ts'
import type { Engine } from '../../src/engine/engine.ts'

export const CALLER: Caller = { actor: 'bench', via: 'graphql' as const, correlationId: randomUUID() }

/** A server may keep what earlier runs left: each has names of its own. */
export const RUN = process.env.BENCH_RUN ?? `bench-${randomUUID().slice(0, 8)}`

/** Commands in the life of one listener, as the benchmarks of commands run it; a longer one goes on like its end. */
export const LIFE = 4

/**
 * The nth command of listeners' lives: each is created, moves to another port, and gets other routing keys. The
 * first two claim an endpoint and make two events, all others make one. Listeners of another set are others.
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
