import type { HarkEvent } from '../../schemas/events/events.ts'
import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import { hostName } from '../../schemas/resources/names.ts'
import { type ConfiguredSite, tcpListener } from './entities.ts'
import { setEntity } from './set-entity.ts'
import type { ExposingListener, RouterConfigDraft } from './tables.ts'

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

/** @param exposing undefined removes the tcpListeners of the targets */
export const setTargets = (config: RouterConfigDraft, stream: string, exposing: ExposingListener | undefined): void => {
  const before = config.get('exposing', stream)
  const known = exposing ?? before
  if (known === undefined) return
  if (exposing !== undefined) config.put('exposing', stream, exposing)
  else config.remove('exposing', stream)
  const wanted = exposing?.spec.type === 'tcp' ? targetsOf(config, exposing) : new Set<string>()
  const site = config.get('sites', known.namespace)
  for (const key of config.keysWhere('entities', 'exposes', stream)) {
    const target = config.get('entities', key)?.exposes?.target
    if (target === undefined || !wanted.has(target)) setEntity(config, key, known.namespace, undefined)
  }
  for (const target of wanted) {
    const exposes = { listener: known.name, target }
    setEntity(config, `${stream}@${target}`, known.namespace, targetListener(known, target, site), { exposes })
  }
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
