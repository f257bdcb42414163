import type { Engine } from '../engine/engine.ts'
import type { Logger } from '../engine/logger.ts'
import type { RouterActivity } from '../engine/router-activity.ts'
import { Agent } from './agent.ts'
import { Detachment } from './detachment.ts'
import type { DrivenRouter } from './router-session.ts'

export interface DriveRoutersOptions {
  readonly engine: Engine
  /** One a namespace. */
  readonly routers: readonly (DrivenRouter & { readonly namespace: string })[]
  readonly logger: Logger
  /** How many milliseconds a router may be away before its conditions are Unknown. */
  readonly graceMs: number
}

export interface DrivenRouters {
  activities(): readonly RouterActivity[]
  close(): Promise<void>
}

/**
 * Drives these routers, in turns with other engines on the same store; routers that the log has and nobody drives any more
 * are detached, so that no status rests on what nobody looks at.
 */
export const driveRouters = ({ engine, routers, logger, graceMs }: DriveRoutersOptions): DrivenRouters => {
  const agents = routers.map(({ namespace, ...address }) => new Agent({ engine, namespace, address, logger, graceMs }))
  const detachment = new Detachment(engine, new Set(routers.map(({ namespace }) => namespace)), logger)
  return {
    activities: () => agents.map(({ activity }) => activity),
    close: async () => {
      await Promise.all([detachment.close(), ...agents.map(agent => agent.close())])
    },
  }
}
