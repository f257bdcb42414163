import { existsSync, readFileSync } from 'node:fs'
import { buildASTSchema, type DocumentNode, type GraphQLSchema, parse } from 'graphql'
import { createSchema as createYogaSchema } from 'graphql-yoga'
import { CONDITIONED_KINDS } from '../../../schemas/resources/kinds.ts'
import type { OperationContext } from './context.ts'
import { auditResolvers } from './resolvers/audit.ts'
import { bisectResolvers } from './resolvers/bisect.ts'
import { changeResolvers } from './resolvers/changes.ts'
import { commandBatchResolvers } from './resolvers/command-batches.ts'
import { commandResolvers } from './resolvers/commands.ts'
import { conditionTimelineResolvers } from './resolvers/condition-timelines.ts'
import { conditionedResolvers } from './resolvers/conditioned.ts'
import { eventResolvers } from './resolvers/events.ts'
import { laneResolvers } from './resolvers/lanes.ts'
import { listenerResolvers } from './resolvers/listeners.ts'
import { maintenanceResolvers } from './resolvers/maintenance.ts'
import { nodeResolvers } from './resolvers/nodes.ts'
import { overviewResolvers } from './resolvers/overview.ts'
import { recordResolvers } from './resolvers/record.ts'
import { routerConfigResolvers } from './resolvers/router-configs.ts'
import { metadataResolvers, type ResolverServices } from './resolvers/shared.ts'
import { siteResolvers } from './resolvers/sites.ts'
import { statusChangeResolvers } from './resolvers/status-changes.ts'
import { subscriptionResolvers } from './resolvers/subscriptions.ts'
import { viewerResolvers } from './resolvers/viewer.ts'
import { jsonScalar, positionScalar } from './scalars.ts'

/** From sources and from the package. */
const SCHEMA_FILES = ['../../../schemas/schema.graphql', '../../../../schemas/schema.graphql']

const readDefinitions = (): DocumentNode => {
  const files = SCHEMA_FILES.map(file => new URL(file, import.meta.url))
  return parse(readFileSync(files.find(file => existsSync(file)) ?? files[0]!, 'utf8'), { noLocation: true })
}

const definitions = readDefinitions()

/** Tests validate the definitions, which would take most of the time here. */
export const createSchema = (services: ResolverServices): GraphQLSchema => {
  return createYogaSchema<OperationContext>({
    typeDefs: buildASTSchema(definitions, { assumeValid: true }),
    updateResolversInPlace: true,
    resolvers: [
      { Position: positionScalar, JSON: jsonScalar },
      metadataResolvers(),
      ...CONDITIONED_KINDS.map(kind => conditionedResolvers(kind, services)),
      listenerResolvers(services),
      conditionTimelineResolvers(services),
      siteResolvers(services),
      nodeResolvers(services),
      routerConfigResolvers(services),
      eventResolvers(services),
      changeResolvers(services),
      auditResolvers(services),
      bisectResolvers(services),
      overviewResolvers(services),
      laneResolvers(services),
      statusChangeResolvers(services),
      recordResolvers(services),
      viewerResolvers(services),
      commandResolvers(services),
      commandBatchResolvers(services),
      maintenanceResolvers(services),
      subscriptionResolvers(services),
    ],
  })
}
