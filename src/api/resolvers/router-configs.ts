import { skrouterdJson } from '../../../projections/router-config.ts'
import type { RouterConfiguration } from '../../engine/engine.ts'
import type { Services } from './services.ts'

export const routerConfigResolvers = ({ engine }: Services) => ({
  Query: {
    routerConfig: (_: unknown, { namespace }: { namespace: string }) => engine.read.routerConfig(namespace),
  },
  RouterConfig: { json: ({ entities }: RouterConfiguration) => skrouterdJson(entities) },
})
