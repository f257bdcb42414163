import type { Services } from './services.ts'

export const routingKeyResolvers = ({ engine }: Services) => ({
  Query: {
    routingKey: (_: unknown, { name }: { name: string }) => {
      const uses = engine.read.routingKeyUses(name)
      return {
        name,
        listeners: uses.filter(({ kind }) => kind === 'Listener'),
        connectors: uses.filter(({ kind }) => kind === 'Connector'),
      }
    },
  },
})
