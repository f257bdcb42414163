import type { HarkEvent } from '../../schemas/events/events.ts'
import { endpointStream, listenerStream } from '../../schemas/events/streams.ts'
import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import { hostName } from '../../schemas/resources/names.ts'
import { ownerOf, type RouterAttributes } from '../../schemas/router-entities.ts'
import { type ConfiguredSite, tcpListener } from './entities.ts'
import { setEntity } from './set-entity.ts'
import type { EndpointHolder, EntityRow, ExposedTargetRow, ExposingListener, RouterConfigDraft } from './tables.ts'

const targetListener = ({ name, spec }: ExposingListener, target: string, site: ConfiguredSite | undefined) =>
  tcpListener(`${name}@${target}`, { ...spec, host: target, routingKey: `${spec.routingKey}.${target}` }, site)

/** Targets become listener hosts; names on the network are as untrusted as manifests. */
const isTarget = (target: string): boolean => hostName.safeParse(target).success

/** Connectors have the routing key `<routingKey>.<target>`. */
const targetsOf = (config: RouterConfigDraft, { namespace, spec }: ExposingListener): Set<string> => {
  const prefix = `${spec.routingKey}.`
  const keys = config.keysWhere('targets', 'namespace', namespace).map(key => config.get('targets', key)?.routingKey)
  return new Set(keys.flatMap(key => (key?.startsWith(prefix) ? [key.slice(prefix.length)] : [])).filter(isTarget))
}

export const setTargets = (config: RouterConfigDraft, stream: string, exposing: ExposingListener | undefined): void => {
  const known = exposing ?? config.get('exposing', stream)
  if (known === undefined) return
  if (exposing !== undefined) config.put('exposing', stream, exposing)
  else config.remove('exposing', stream)
  const { namespace, name: listener } = known
  const wanted = exposing?.spec.type === 'tcp' ? targetsOf(config, exposing) : new Set<string>()
  const endpoints = new Set<string>()
  for (const key of config.keysWhere('exposed', 'listener', stream)) {
    const { target, port } = config.get('exposed', key) as ExposedTargetRow
    endpoints.add(endpointStream(namespace, target, port))
    if (wanted.has(target)) continue
    config.remove('exposed', key)
    setEntity(config, key, namespace, undefined)
  }
  for (const target of wanted) {
    const { port } = known.spec
    config.put('exposed', `${stream}@${target}`, { namespace, listener, target, port })
    endpoints.add(endpointStream(namespace, target, port))
  }
  for (const endpoint of endpoints) settleEndpoint(config, endpoint)
}

export const endpointOf = ({ namespace, type, attributes }: EntityRow): string | undefined => {
  if (type !== 'tcpListener') return undefined
  const { host, port } = attributes as RouterAttributes<'tcpListener'>
  return endpointStream(namespace, host, Number(port))
}

/**
 * A socket has one holder: the listener that is declared with its host and port, else the target of the oldest listener. No
 * other target has a tcpListener.
 */
export const settleEndpoint = (config: RouterConfigDraft, endpoint: string): void => {
  const targets = config.keysWhere('exposed', 'endpoint', endpoint).map(key => {
    const row = config.get('exposed', key) as ExposedTargetRow
    const exposing = config.get('exposing', listenerStream(row.namespace, row.listener)) as ExposingListener
    return { key, row, exposing }
  })
  const [first] = targets.sort((a, b) => a.exposing.position - b.exposing.position)
  if (first === undefined) return
  const holder = declaredAt(config, endpoint) ?? { listener: first.row.listener, target: first.row.target }
  for (const { key, row, exposing } of targets) {
    const { namespace, listener, target, port } = row
    const isHolder = holder.listener === listener && holder.target === target
    config.put('exposed', key, { namespace, listener, target, port, ...(!isHolder && { holder }) })
    const entity = isHolder ? targetListener(exposing, target, config.get('sites', namespace)) : undefined
    setEntity(config, key, namespace, entity)
  }
}

const declaredAt = (config: RouterConfigDraft, endpoint: string): EndpointHolder | undefined => {
  const key = config
    .keysWhere('entities', 'endpoint', endpoint)
    .find(candidate => config.get('exposed', candidate) === undefined)
  const entity = key === undefined ? undefined : config.get('entities', key)
  const owner = entity && ownerOf(entity.type, entity.name)
  return owner && { listener: owner.name }
}

export const updatePerTargetSpec = (config: RouterConfigDraft, stream: string, change: Partial<ListenerSpec>): void => {
  const before = config.get('exposing', stream)
  if (before !== undefined) setTargets(config, stream, { ...before, spec: { ...before.spec, ...change } })
}

const setTargetsWhere = (
  config: RouterConfigDraft,
  namespace: string,
  concerns: (listener: ExposingListener) => boolean,
) => {
  for (const stream of config.keysWhere('exposing', 'namespace', namespace)) {
    const listener = config.get('exposing', stream)
    if (listener !== undefined && concerns(listener)) setTargets(config, stream, listener)
  }
}

export const onConnectorSeen = (
  config: RouterConfigDraft,
  event: HarkEvent<'ConnectorSeen' | 'ConnectorGone'>,
): void => {
  const { namespace, identity } = event.data
  const key = `${namespace}/${identity}`
  const before = config.get('targets', key)
  const routingKey = event.type === 'ConnectorSeen' ? event.data.routingKey : undefined
  if (routingKey?.includes('.')) config.put('targets', key, { namespace, routingKey })
  else if (before !== undefined) config.remove('targets', key)
  else return
  setTargetsWhere(config, namespace, ({ spec }) =>
    [routingKey, before?.routingKey].some(changed => changed?.startsWith(`${spec.routingKey}.`)),
  )
}

/** A newly attached router may see other targets. */
export const clearTargets = (config: RouterConfigDraft, namespace: string): void => {
  for (const key of config.keysWhere('targets', 'namespace', namespace)) config.remove('targets', key)
  setTargetsWhere(config, namespace, () => true)
}
