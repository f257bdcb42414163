/** Operations and resources shared by tests. */

export const BACKEND = {
  apiVersion: 'skupper.io/v2alpha1',
  kind: 'Listener',
  metadata: { name: 'backend', namespace: 'hello-world-west' },
  spec: { routingKey: 'backend', host: 'backend', port: 8080 },
}

export const CONNECTOR = {
  apiVersion: 'skupper.io/v2alpha1',
  kind: 'Connector',
  metadata: { name: 'backend', namespace: 'hello-world-east' },
  spec: { routingKey: 'backend', host: '10.0.0.7', port: 8080 },
}

export const SITE = {
  apiVersion: 'skupper.io/v2alpha1',
  kind: 'Site',
  metadata: { name: 'west', namespace: 'hello-world-west' },
  spec: { linkAccess: 'default' },
}

export const APPLY = `mutation Apply($input: ApplyInput!) {
  apply(input: $input) { results { kind namespace name action message position } }
}`

const LISTENER = `{
  metadata { name namespace uid generation resourceVersion creationTimestamp }
  spec { routingKey host port type exposePodsByName tlsCredentials settings }
  status { status message hasMatchingConnector conditions { type status reason message observedGeneration } }
}`

export const CREATE_LISTENER = `mutation Create($input: CreateListenerInput!) {
  createListener(input: $input) { position listener ${LISTENER} }
}`
export const UPDATE_PORT = `mutation Port($input: UpdatePortInput!) {
  updatePort(input: $input) { position listener ${LISTENER} }
}`
export const UPDATE_HOST = `mutation Host($input: UpdateHostInput!) {
  updateHost(input: $input) { position listener ${LISTENER} }
}`
export const UPDATE_ROUTING_KEY = `mutation Key($input: UpdateRoutingKeyInput!) {
  updateRoutingKey(input: $input) { position listener ${LISTENER} }
}`
export const DELETE_LISTENER = `mutation Delete($input: DeleteInput!) { deleteListener(input: $input) { uid position } }`
export const DELETE_CONNECTOR = `mutation Delete($input: DeleteInput!) { deleteConnector(input: $input) { uid position } }`
export const GET_LISTENER = `query Get($namespace: String!, $name: String!) {
  listener(namespace: $namespace, name: $name) ${LISTENER}
}`

/** A listener at a unique host. */
export const listenerInput = (name: string, more: object = {}) => ({
  namespace: 'west',
  name,
  spec: { routingKey: 'backend', host: name, port: 8080 },
  ...more,
})
