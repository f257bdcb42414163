import type { FastifyInstance } from 'fastify'
import { formatPosition } from '../../../schemas/events/recorded-event.ts'
import type { Engine, EngineStatus } from '../../engine/engine.ts'

const lagReasons = ({ ready, live }: Pick<EngineStatus, 'ready' | 'live'>): string[] => [
  ...(ready ? [] : ['the read models have not caught up with the event log yet']),
  ...(live ? [] : ['the event store does not respond, or the read models lag behind it']),
]

const reasonsOf = ({ ready, live, rebuilding, stopped, failed, unwritable }: EngineStatus): string[] => [
  ...(failed === undefined ? [] : [failed]),
  ...(stopped === undefined ? lagReasons({ ready, live }) : []),
  ...(unwritable === undefined ? [] : [`the event store cannot write: ${unwritable}`]),
  ...rebuilding.map(model => `the read model ${model} is being rebuilt`),
]

export const registerHealth = (app: FastifyInstance, engine: Engine): void => {
  app.get('/healthz', async (_, reply) => {
    const { failed } = engine.status()
    if (failed === undefined) return { alive: true }
    reply.code(503)
    return { alive: false, reasons: [failed] }
  })

  app.get('/readyz', async (_, reply) => {
    const status = engine.status()
    const { live, position, rebuilding, failed } = status
    const ready = status.ready && failed === undefined
    reply.code(ready ? 200 : 503)
    return { ready, live, position: formatPosition(position), rebuilding, reasons: reasonsOf(status) }
  })
}
