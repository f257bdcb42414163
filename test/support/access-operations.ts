/** The grants in GRANTS that allow an operation in the namespace `west`. */
interface Case {
  readonly document: string
  readonly allowed: readonly string[]
}

/** Each role in all namespaces, in `west`, and in another namespace. */
export const GRANTS = ['viewer', 'operator', 'auditor', 'admin'].flatMap(role => [role, `${role}:west`, `${role}:east`])

const EVERYWHERE = ['viewer', 'operator', 'auditor', 'admin']
const WEST = ['viewer:west', 'operator:west', 'auditor:west', 'admin:west']
const LOOK_AT_WEST = [...EVERYWHERE, ...WEST]
const LOOK_AT_ALL = EVERYWHERE
const LOOK_ANYWHERE = GRANTS
const CHANGE_WEST = ['operator', 'admin', 'operator:west', 'admin:west']

const AUDIT_WEST = ['auditor', 'admin', 'auditor:west', 'admin:west']
const AUDIT_ALL = ['auditor', 'admin']

const BACKEND = 'namespace: "west", name: "backend"'
const SPEC = 'spec: { routingKey: "backend", host: "backend", port: 8080 }'
const SEVERAL_KEYS =
  'spec: { host: "any-backend", port: 8081, strategy: { priority: { routingKeys: ["backend", "other"] } } }'
const BEGINNING = 'from: { position: "0000000000000000" }'
const listenerOf = (mutation: string, input: string): string =>
  `mutation { ${mutation}(input: { ${BACKEND}, ${input} }) { position } }`

const manifest = (namespace?: string) =>
  '{ apiVersion: "skupper.io/v2alpha1", kind: "Listener", ' +
  `metadata: { name: "applied"${namespace === undefined ? '' : `, namespace: "${namespace}"`} }, ` +
  'spec: { routingKey: "applied", host: "applied", port: 8080 } }'

/** The permission matrix: has every field of every root type. */
export const ALLOWED: Readonly<Record<string, Case>> = {
  'Query.listener': { document: `{ listener(${BACKEND}) { kind } }`, allowed: LOOK_AT_WEST },
  'Query.listeners': { document: '{ listeners(namespace: "west") { totalCount } }', allowed: LOOK_AT_WEST },
  'Query.listeners of all': { document: '{ listeners { totalCount } }', allowed: LOOK_AT_ALL },
  'Query.connector': { document: `{ connector(${BACKEND}) { kind } }`, allowed: LOOK_AT_WEST },
  'Query.connectors': { document: '{ connectors(namespace: "west") { totalCount } }', allowed: LOOK_AT_WEST },
  'Query.connectors of all': { document: '{ connectors { totalCount } }', allowed: LOOK_AT_ALL },
  'Query.multiKeyListener': { document: `{ multiKeyListener(${BACKEND}) { kind } }`, allowed: LOOK_AT_WEST },
  'Query.multiKeyListeners': {
    document: '{ multiKeyListeners(namespace: "west") { totalCount } }',
    allowed: LOOK_AT_WEST,
  },
  'Query.multiKeyListeners of all': { document: '{ multiKeyListeners { totalCount } }', allowed: LOOK_AT_ALL },
  'Query.node': { document: '{ node(id: "TGlzdGVuZXI6d2VzdDpiYWNrZW5k") { id } }', allowed: LOOK_AT_WEST },
  'Query.nodes': { document: '{ nodes(ids: ["U2l0ZTp3ZXN0"]) { id } }', allowed: LOOK_AT_WEST },
  'Query.nodes of none': { document: '{ nodes(ids: []) { id } }', allowed: LOOK_ANYWHERE },
  'Query.sites': { document: '{ sites(namespace: "west") { kind } }', allowed: LOOK_AT_WEST },
  'Query.sites of all': { document: '{ sites { kind } }', allowed: LOOK_AT_ALL },
  'Query.routerConfig': { document: '{ routerConfig(namespace: "west") { json } }', allowed: LOOK_AT_WEST },
  'Query.routerConfigDiff': {
    document: `{ routerConfigDiff(namespace: "west", ${BEGINNING}, to: { position: "0000000000000001" }) { added { name } } }`,
    allowed: LOOK_AT_WEST,
  },
  'Query.routingKey': { document: '{ routingKey(name: "backend") { name } }', allowed: LOOK_AT_ALL },
  'Query.events': { document: '{ events(namespace: "west") { edges { cursor } } }', allowed: LOOK_AT_WEST },
  'Query.events of all': { document: '{ events { edges { cursor } } }', allowed: LOOK_AT_ALL },
  'Query.changes': {
    document: `{ changes(namespace: "west", ${BEGINNING}, to: { position: "0000000000000001" }) { edges { cursor } } }`,
    allowed: LOOK_AT_WEST,
  },
  'Query.auditReport': { document: '{ auditReport(namespace: "west") { position } }', allowed: AUDIT_WEST },
  'Query.auditReport of all': { document: '{ auditReport { position } }', allowed: AUDIT_ALL },
  'Query.head': { document: '{ head }', allowed: LOOK_ANYWHERE },
  'Query.viewer': { document: '{ viewer { name } }', allowed: LOOK_ANYWHERE },
  'Query.namespaces': { document: '{ namespaces }', allowed: LOOK_ANYWHERE },
  'Query.eventDensity': { document: '{ eventDensity(namespace: "west") { total } }', allowed: LOOK_AT_WEST },
  'Query.eventDensity of all': { document: '{ eventDensity { total } }', allowed: LOOK_ANYWHERE },
  'Query.statusChanges': {
    document: `{ statusChanges(kind: Listener, ${BACKEND}) { status } }`,
    allowed: LOOK_AT_WEST,
  },
  'Query.statusLanes': {
    document: '{ statusLanes(filter: { namespace: "west" }) { totalCount } }',
    allowed: LOOK_AT_WEST,
  },
  'Query.statusLanes of all': { document: '{ statusLanes { totalCount } }', allowed: LOOK_ANYWHERE },
  'Query.bisect': { document: `{ bisect(${BACKEND}) { outcome } }`, allowed: LOOK_AT_WEST },
  'Query.record': { document: '{ record { isSigning lastCheckpoint { keyId } } }', allowed: AUDIT_ALL },
  'Query.rebuild': { document: '{ rebuild { stage actor } }', allowed: LOOK_AT_ALL },
  'Mutation.createListener': { document: listenerOf('createListener', SPEC), allowed: CHANGE_WEST },
  'Mutation.updateRoutingKey': { document: listenerOf('updateRoutingKey', 'routingKey: "b"'), allowed: CHANGE_WEST },
  'Mutation.updateHost': { document: listenerOf('updateHost', 'host: "b"'), allowed: CHANGE_WEST },
  'Mutation.updatePort': { document: listenerOf('updatePort', 'port: 9090'), allowed: CHANGE_WEST },
  'Mutation.deleteListener': {
    document: 'mutation { deleteListener(input: { namespace: "west", name: "other" }) { position } }',
    allowed: CHANGE_WEST,
  },
  'Mutation.createConnector': { document: listenerOf('createConnector', SPEC), allowed: CHANGE_WEST },
  'Mutation.updateConnector': { document: listenerOf('updateConnector', SPEC), allowed: CHANGE_WEST },
  'Mutation.deleteConnector': {
    document: 'mutation { deleteConnector(input: { namespace: "west", name: "other" }) { position } }',
    allowed: CHANGE_WEST,
  },
  'Mutation.createMultiKeyListener': {
    document: listenerOf('createMultiKeyListener', SEVERAL_KEYS),
    allowed: CHANGE_WEST,
  },
  'Mutation.updateMultiKeyListener': {
    document: listenerOf('updateMultiKeyListener', SEVERAL_KEYS),
    allowed: CHANGE_WEST,
  },
  'Mutation.deleteMultiKeyListener': {
    document: 'mutation { deleteMultiKeyListener(input: { namespace: "west", name: "other" }) { position } }',
    allowed: CHANGE_WEST,
  },
  'Mutation.updateSite': {
    document: 'mutation { updateSite(input: { namespace: "west", name: "west", spec: { ha: true } }) { position } }',
    allowed: CHANGE_WEST,
  },
  'Mutation.renameSite': {
    document: 'mutation { renameSite(input: { namespace: "west", name: "west", newName: "west" }) { position } }',
    allowed: CHANGE_WEST,
  },
  'Mutation.deleteSite': {
    document: 'mutation { deleteSite(input: { namespace: "west", name: "other" }) { position } }',
    allowed: CHANGE_WEST,
  },
  'Mutation.updateListenerMetadata': {
    document: listenerOf('updateListenerMetadata', 'labels: { app: "b" }'),
    allowed: CHANGE_WEST,
  },
  'Mutation.updateConnectorMetadata': {
    document: listenerOf('updateConnectorMetadata', 'labels: { app: "b" }'),
    allowed: CHANGE_WEST,
  },
  'Mutation.updateMultiKeyListenerMetadata': {
    document: listenerOf('updateMultiKeyListenerMetadata', 'labels: { app: "b" }'),
    allowed: CHANGE_WEST,
  },
  'Mutation.updateSiteMetadata': {
    document:
      'mutation { updateSiteMetadata(input: { namespace: "west", name: "west", labels: { app: "b" } }) { position } }',
    allowed: CHANGE_WEST,
  },
  'Mutation.executeCommands': {
    document: `mutation { executeCommands(input: { commands: [{ updatePort: { ${BACKEND}, port: 9091 } }] }) { results { position } } }`,
    allowed: CHANGE_WEST,
  },
  'Mutation.executeCommands in two': {
    document: `mutation { executeCommands(input: { commands: [{ updatePort: { ${BACKEND}, port: 9091 } }, { deleteListener: { namespace: "south", name: "a" } }] }) { results { position } } }`,
    allowed: ['operator', 'admin'],
  },
  'Mutation.apply': {
    document: `mutation { apply(input: { manifests: [${manifest('west')}] }) { results { name } } }`,
    allowed: CHANGE_WEST,
  },
  'Mutation.apply to two': {
    document: `mutation { apply(input: { manifests: [${manifest('west')}, ${manifest('south')}] }) { results { name } } }`,
    allowed: ['operator', 'admin'],
  },
  'Mutation.apply of what names no namespace': {
    document: `mutation { apply(input: { namespace: "west", manifests: [${manifest()}] }) { results { name } } }`,
    allowed: CHANGE_WEST,
  },
  'Mutation.apply of what one names, and the other does not': {
    document: `mutation { apply(input: { namespace: "south", manifests: [${manifest('west')}, ${manifest()}] }) { results { name } } }`,
    allowed: ['operator', 'admin'],
  },
  'Mutation.compactHistory': {
    document: 'mutation { compactHistory(input: { before: "2000-01-01T00:00:00Z", dryRun: true }) { versions } }',
    allowed: ['admin'],
  },
  'Mutation.rebuildReadModels': {
    document: 'mutation { rebuildReadModels(input: { cancel: true }) { next } }',
    allowed: ['admin'],
  },
  'Subscription.listener': { document: `subscription { listener(${BACKEND}) { position } }`, allowed: LOOK_AT_WEST },
  'Subscription.listeners': {
    document: `subscription { listeners(namespace: "west", ${BEGINNING}) { position } }`,
    allowed: LOOK_AT_WEST,
  },
  'Subscription.listeners of all': {
    document: `subscription { listeners(${BEGINNING}) { position } }`,
    allowed: LOOK_AT_ALL,
  },
  'Subscription.connectors': {
    document: `subscription { connectors(namespace: "west", ${BEGINNING}) { position } }`,
    allowed: LOOK_AT_WEST,
  },
  'Subscription.connectors of all': {
    document: `subscription { connectors(${BEGINNING}) { position } }`,
    allowed: LOOK_AT_ALL,
  },
  'Subscription.multiKeyListeners': {
    document: `subscription { multiKeyListeners(namespace: "west", ${BEGINNING}) { position } }`,
    allowed: LOOK_AT_WEST,
  },
  'Subscription.multiKeyListeners of all': {
    document: `subscription { multiKeyListeners(${BEGINNING}) { position } }`,
    allowed: LOOK_AT_ALL,
  },
  'Subscription.sites': {
    document: `subscription { sites(namespace: "west", ${BEGINNING}) { position } }`,
    allowed: LOOK_AT_WEST,
  },
  'Subscription.sites of all': { document: `subscription { sites(${BEGINNING}) { position } }`, allowed: LOOK_AT_ALL },
  'Subscription.hasMatchingConnector': {
    document: `subscription { hasMatchingConnector(${BACKEND}) { value } }`,
    allowed: LOOK_AT_WEST,
  },
  'Subscription.ready': { document: `subscription { ready(${BACKEND}) { status } }`, allowed: LOOK_AT_WEST },
  'Subscription.routerConfig': {
    document: 'subscription { routerConfig(namespace: "west") { position } }',
    allowed: LOOK_AT_WEST,
  },
  'Subscription.events': {
    document: `subscription { events(namespace: "west", ${BEGINNING}) { position } }`,
    allowed: LOOK_AT_WEST,
  },
  'Subscription.events of all': {
    document: `subscription { events(${BEGINNING}) { position } }`,
    allowed: LOOK_AT_ALL,
  },
}
