import { existsSync, readFileSync } from 'node:fs'
import type { GraphQLSchema } from 'graphql'
import { createSchema as makeSchema } from 'graphql-yoga'
import { shareTheLoop } from '../load/share-the-loop.ts'
import { guard } from './authorization.ts'
import type { OperationContext } from './context.ts'
import { recordRefusals } from './record-rejections.ts'
import { auditResolvers } from './resolvers/audit.ts'
import { changeResolvers } from './resolvers/changes.ts'
import { commandResolvers } from './resolvers/commands.ts'
import { connectorResolvers } from './resolvers/connectors.ts'
import { eventResolvers } from './resolvers/events.ts'
import { listenerResolvers } from './resolvers/listeners.ts'
import { metadataResolvers } from './resolvers/metadata.ts'
import { routerConfigResolvers } from './resolvers/router-configs.ts'
import { routingKeyResolvers } from './resolvers/routing-keys.ts'
import type { Services } from './resolvers/services.ts'
import { siteResolvers } from './resolvers/sites.ts'
import { subscriptionResolvers } from './resolvers/subscriptions.ts'
import { jsonScalar, positionScalar } from './scalars.ts'

/** Beside the sources; a compiled package has it beside what it was compiled to. */
const SCHEMA_FILES = ['../../../schemas/schema.graphql', '../../../../schemas/schema.graphql']

const typeDefs = (): string => {
  const files = SCHEMA_FILES.map(file => new URL(file, import.meta.url))
  return readFileSync(files.find(file => existsSync(file)) ?? files[0]!, 'utf8')
}

/** The schema that is served, with what answers each of its fields. */
export const createSchema = (services: Services): GraphQLSchema => {
  const schema = makeSchema<OperationContext>({
    typeDefs: typeDefs(),
    updateResolversInPlace: true,
    resolvers: [
      { Position: positionScalar, JSON: jsonScalar },
      metadataResolvers(),
      listenerResolvers(services),
      connectorResolvers(services),
      siteResolvers(services),
      routerConfigResolvers(services),
      routingKeyResolvers(services),
      eventResolvers(services),
      changeResolvers(services),
      auditResolvers(services),
      commandResolvers(services),
      subscriptionResolvers(services),
    ],
  })
  guard(schema)
  recordRefusals(schema, services.engine)
  shareTheLoop(schema)
  return schema
}
