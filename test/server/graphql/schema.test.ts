import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql'
import { Served } from '../../support/test-server.ts'

const hark = await Served.start()
after(() => hark[Symbol.asyncDispose]())

/** What clients rely on: for each type its fields (with their types and arguments), or its values. */
const CONTRACT: Record<string, string> = {
  ResourceStatus: 'Pending Error Ready',
  ConditionType: 'Configured Matched Ready',
  ConditionStatus: 'True False Unknown',
  RouterConnection: 'Detached Connecting Connected',
  ApplyAction: 'Created Configured Unchanged Skipped',
  ObjectMeta:
    'name:String! namespace:String! uid:ID! generation:Int! resourceVersion:String! creationTimestamp:DateTime!',
  Condition:
    'type:ConditionType! status:ConditionStatus! reason:String! message:String! lastTransitionTime:DateTime! observedGeneration:Int!',
  ListenerSpec:
    'routingKey:String! host:String! port:Int! exposePodsByName:Boolean! tlsCredentials:String settings:JSON! type:String!',
  ListenerStatus: 'status:ResourceStatus! message:String! hasMatchingConnector:Boolean! conditions:[Condition!]!',
  Listener:
    'apiVersion:String! kind:String! metadata:ObjectMeta! spec:ListenerSpec! status:ListenerStatus! matchingConnectors:[MatchingConnector!]! conditionTimeline(type:ConditionType!,from:Moment,to:Moment):ConditionTimeline! history(first:Int,after:Position):EventConnection!',
  ConditionTimeline:
    'type:ConditionType! from:DateTime! to:DateTime! intervals:[ConditionInterval!]! fractionTrue:Float! transitions:Int!',
  ConditionInterval:
    'status:ConditionStatus! reason:String! message:String! from:DateTime! to:DateTime position:Position!',
  MatchingConnector: 'routingKey:String! site:String name:String host:String port:String since:DateTime!',
  ConnectorSpec:
    'routingKey:String! host:String selector:String port:Int! tlsCredentials:String useClientCert:Boolean! verifyHostname:Boolean! exposePodsByName:Boolean! includeNotReadyPods:Boolean! settings:JSON! type:String!',
  ConnectorStatus: 'status:ResourceStatus! message:String! hasMatchingListener:Boolean! conditions:[Condition!]!',
  Connector:
    'apiVersion:String! kind:String! metadata:ObjectMeta! spec:ConnectorSpec! status:ConnectorStatus! history(first:Int,after:Position):EventConnection!',
  Site: 'apiVersion:String! kind:String! metadata:ObjectMeta! spec:JSON! router:RouterState!',
  RouterState: 'connection:RouterConnection! id:String url:String message:String! since:DateTime!',
  EventRecord:
    'position:Position! stream:String! revision:Int! id:ID! type:String! time:DateTime! data:JSON! actor:String! correlationId:ID! causationId:ID',
  EventConnection: 'edges:[EventEdge!]! pageInfo:PageInfo!',
  EventEdge: 'cursor:Position! node:EventRecord!',
  PageInfo: 'hasNextPage:Boolean! endCursor:String',
  ListenerConnection: 'edges:[ListenerEdge!]! pageInfo:PageInfo! totalCount:Int!',
  ListenerEdge: 'cursor:String! node:Listener!',
  ConnectorConnection: 'edges:[ConnectorEdge!]! pageInfo:PageInfo! totalCount:Int!',
  ConnectorEdge: 'cursor:String! node:Connector!',
  RouterConfig: 'namespace:String! position:Position! entities:[RouterEntity!]! json:String!',
  RouterEntity: 'type:String! name:String! attributes:JSON!',
  RouterConfigDiff:
    'from:Position! to:Position! added:[RouterEntity!]! removed:[RouterEntity!]! changed:[RouterEntityChange!]!',
  Moment: 'time:DateTime position:Position',
  RouterEntityChange: 'type:String! name:String! before:JSON! after:JSON!',
  Query: [
    'listener(namespace:String!,name:String!,at:Moment):Listener',
    'listeners(namespace:String,routingKey:String,status:ResourceStatus,at:Moment,first:Int,after:String):ListenerConnection!',
    'connector(namespace:String!,name:String!,at:Moment):Connector',
    'connectors(namespace:String,routingKey:String,at:Moment,first:Int,after:String):ConnectorConnection!',
    'sites(namespace:String):[Site!]!',
    'routerConfig(namespace:String!,at:Moment):RouterConfig!',
    'routerConfigDiff(namespace:String!,from:Moment!,to:Moment!):RouterConfigDiff!',
    'events(namespace:String,name:String,types:[String!],from:Moment,to:Moment,first:Int,after:Position):EventConnection!',
    'head:Position!',
    'routingKey(name:String!):RoutingKey!',
  ].join(' '),
  Mutation: [
    'createListener(input:CreateListenerInput!):ListenerPayload!',
    'updateRoutingKey(input:UpdateRoutingKeyInput!):ListenerPayload!',
    'updateHost(input:UpdateHostInput!):ListenerPayload!',
    'updatePort(input:UpdatePortInput!):ListenerPayload!',
    'deleteListener(input:DeleteInput!):DeletePayload!',
    'createConnector(input:CreateConnectorInput!):ConnectorPayload!',
    'updateConnector(input:UpdateConnectorInput!):ConnectorPayload!',
    'deleteConnector(input:DeleteInput!):DeletePayload!',
    'apply(input:ApplyInput!):ApplyPayload!',
  ].join(' '),
  Subscription: [
    'listener(namespace:String!,name:String!,from:Moment):ListenerChange!',
    'listeners(namespace:String,from:Moment):ListenerChange!',
    'hasMatchingConnector(namespace:String!,name:String!,from:Moment):MatchChange!',
    'ready(namespace:String!,name:String!,from:Moment):ConditionChange!',
    'routerConfig(namespace:String!,from:Moment):RouterConfigChange!',
    'events(namespace:String,name:String,types:[String!],from:Moment):EventRecord!',
  ].join(' '),
  ListenerSpecInput:
    'routingKey:String! host:String! port:Int! exposePodsByName:Boolean tlsCredentials:String settings:JSON',
  CreateListenerInput: 'namespace:String! name:String! spec:ListenerSpecInput! commandId:ID',
  UpdateRoutingKeyInput:
    'namespace:String! name:String! routingKey:String! expectedResourceVersion:String commandId:ID',
  UpdateHostInput: 'namespace:String! name:String! host:String! expectedResourceVersion:String commandId:ID',
  UpdatePortInput: 'namespace:String! name:String! port:Int! expectedResourceVersion:String commandId:ID',
  DeleteInput: 'namespace:String! name:String! expectedResourceVersion:String commandId:ID',
  ConnectorSpecInput:
    'routingKey:String! host:String selector:String port:Int! tlsCredentials:String useClientCert:Boolean verifyHostname:Boolean exposePodsByName:Boolean includeNotReadyPods:Boolean settings:JSON',
  CreateConnectorInput: 'namespace:String! name:String! spec:ConnectorSpecInput! commandId:ID',
  UpdateConnectorInput:
    'namespace:String! name:String! spec:ConnectorSpecInput! expectedResourceVersion:String commandId:ID',
  ApplyInput: 'manifests:[JSON!]! namespace:String dryRun:Boolean commandId:ID',
  ListenerPayload: 'listener:Listener! position:Position!',
  ConnectorPayload: 'connector:Connector! position:Position!',
  DeletePayload: 'uid:ID! position:Position!',
  ApplyResult: 'kind:String! namespace:String name:String! action:ApplyAction! message:String! position:Position',
  ApplyPayload: 'results:[ApplyResult!]!',
  ListenerChange: 'position:Position! time:DateTime! eventType:String listener:Listener namespace:String! name:String!',
  MatchChange: 'position:Position! time:DateTime! value:Boolean!',
  ConditionChange: 'position:Position! time:DateTime! status:ConditionStatus! reason:String! message:String!',
  RouterConfigChange:
    'position:Position! time:DateTime! config:RouterConfig! added:[RouterEntity!]! removed:[RouterEntity!]! changed:[RouterEntityChange!]!',
}

const served = async (): Promise<GraphQLSchema> => buildClientSchema(await hark.data(getIntrospectionQuery()))

/** What a type of the schema offers, written as the contract above is. */
const offered = (schema: GraphQLSchema, name: string): string[] => {
  const type = schema.getType(name)
  if (isEnumType(type)) return type.getValues().map(value => value.name)
  if (isInputObjectType(type)) return Object.values(type.getFields()).map(field => `${field.name}:${field.type}`)
  if (!isObjectType(type)) return []
  return Object.values(type.getFields()).map(field => {
    const args = field.args.map(arg => `${arg.name}:${arg.type}`).join(',')
    return `${field.name}${args && `(${args})`}:${field.type}`
  })
}

test('every name of the contract is served, with its type', async () => {
  const schema = await served()
  for (const [name, fields] of Object.entries(CONTRACT)) {
    const there = offered(schema, name)
    for (const field of fields.split(' ')) assert.ok(there.includes(field), `${name} has no ${field}, but ${there}`)
  }
  for (const scalar of ['DateTime', 'Position', 'JSON']) assert.ok(schema.getType(scalar), scalar)
})

test('every type, field, argument and value is described', async () => {
  for (const type of Object.values((await served()).getTypeMap())) {
    if (type.name.startsWith('__') || ['String', 'Int', 'Float', 'Boolean', 'ID'].includes(type.name)) continue
    assert.ok(type.description, type.name)
    if (isEnumType(type)) for (const value of type.getValues()) assert.ok(value.description, `${type}.${value.name}`)
    if (!isObjectType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      assert.ok(field.description, `${type}.${field.name}`)
      for (const arg of 'args' in field ? field.args : [])
        assert.ok(arg.description, `${type}.${field.name}(${arg.name})`)
    }
  }
})
