interface EventLike {
  readonly type: string
  readonly stream: string
  readonly data: unknown
}

export interface Subject {
  readonly kind: 'Listener' | 'Connector' | 'MultiKeyListener' | 'Site' | 'Router'
  readonly namespace: string
  readonly name: string
}

const KINDS = {
  listener: 'Listener',
  connector: 'Connector',
  'multi-key-listener': 'MultiKeyListener',
  site: 'Site',
  router: 'Router',
} as const

const fieldsOf = (data: unknown): Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {}

export const subjectOfStream = (stream: string): Subject | undefined => {
  const [, prefix = '', rest = ''] = /^(listener|connector|multi-key-listener|site|router)-(.*)$/.exec(stream) ?? []
  const kind = KINDS[prefix as keyof typeof KINDS]
  if (kind === undefined) return undefined
  if (kind === 'Site' || kind === 'Router') return { kind, namespace: rest, name: rest }
  const dot = rest.indexOf('.')
  return { kind, namespace: rest.slice(0, dot), name: rest.slice(dot + 1) }
}

/** Routers report about listeners and connectors in their own streams. */
export const subjectOf = ({ type, stream, data }: EventLike): Subject | undefined => {
  const subject = subjectOfStream(stream)
  const { name } = fieldsOf(data)
  if (subject?.kind !== 'Router' || typeof name !== 'string') return subject
  const reported = /^(MultiKeyListener|Listener|Connector)(?!Seen|Gone)/.exec(type)?.[1] as Subject['kind'] | undefined
  return reported === undefined ? subject : { kind: reported, namespace: subject.namespace, name }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Leaves out a part without its value: marks of lanes have the type of an event without its data. */
const sentence = (...parts: readonly (string | readonly [words: string, value: unknown])[]): string =>
  parts
    .flatMap(part => {
      if (typeof part === 'string') return [part]
      const [words, value] = part
      return value === undefined ? [] : [`${words} ${text(value)}`.trim()]
    })
    .join(' ')

const specChange = ({ spec, previous }: Readonly<Record<string, unknown>>): string => {
  const [after, before] = [fieldsOf(spec), fieldsOf(previous)]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  return changed.length === 0 ? 'Spec changed' : `Spec changed: ${changed.join(', ')}`
}

const DESCRIPTIONS: Readonly<Record<string, (data: Readonly<Record<string, unknown>>) => string>> = {
  ListenerCreated: () => 'Created',
  ConnectorCreated: () => 'Created',
  SiteCreated: () => 'Created',
  SiteDeleted: () => 'Deleted',
  ListenerDeleted: () => 'Deleted',
  ConnectorDeleted: () => 'Deleted',
  ConnectorUpdated: specChange,
  SiteUpdated: specChange,
  SiteRenamed: ({ previous, name }) => sentence('Renamed', ['from', previous], ['to', name]),
  PortUpdated: ({ previous, port }) => sentence('Port moved', ['from', previous], ['to', port]),
  HostUpdated: ({ previous, host }) => sentence('Host changed', ['from', previous], ['to', host]),
  RoutingKeyUpdated: ({ previous, routingKey }) =>
    sentence('Routing key changed', ['from', previous], ['to', routingKey]),
  ...Object.fromEntries(
    ['Listener', 'Connector', 'MultiKeyListener', 'Site'].flatMap(kind => [
      [`${kind}LabelsUpdated`, () => 'Labels changed'],
      [`${kind}AnnotationsUpdated`, () => 'Annotations changed'],
    ]),
  ),
  ListenerAccepted: () => 'Accepted by the router',
  ListenerRefused: () => 'Rejected by the router',
  ListenerOpened: () => 'Socket opened by the router',
  ListenerFailedToOpen: () => 'Socket not opened by the router',
  ListenerDrifted: () => 'Altered at the router, not through Hark',
  ListenerCredentialsUnfit: () => 'TLS credentials unusable',
  ListenerReached: () => 'Reached by a probe',
  ListenerNotReached: () => 'Not reached by a probe',
  ListenerProbeInconclusive: () => 'Probe without result',
  ConnectorAccepted: () => 'Accepted by the router',
  ConnectorRefused: () => 'Rejected by the router',
  ConnectorDrifted: () => 'Altered at the router, not through Hark',
  ConnectorCredentialsUnfit: () => 'TLS credentials unusable',
  MultiKeyListenerCreated: () => 'Created',
  MultiKeyListenerUpdated: specChange,
  MultiKeyListenerDeleted: () => 'Deleted',
  MultiKeyListenerAccepted: () => 'Accepted by the router',
  MultiKeyListenerRefused: () => 'Rejected by the router',
  MultiKeyListenerOpened: () => 'Socket opened by the router',
  MultiKeyListenerFailedToOpen: () => 'Socket not opened by the router',
  MultiKeyListenerDrifted: () => 'Altered at the router, not through Hark',
  MultiKeyListenerCredentialsUnfit: () => 'TLS credentials unusable',
  ConnectorSeen: ({ name, site, routingKey }) =>
    sentence('Connector', ['', name ?? routingKey], ['at site', site], 'appeared on the network'),
  ConnectorGone: () => 'A connector disappeared from the network',
  ListenerSeen: ({ routingKey }) => sentence('A listener', ['for', routingKey], 'appeared on the network'),
  ListenerGone: () => 'A listener disappeared from the network',
  RouterAttached: ({ url }) => (url === undefined ? 'Router attached' : `Router attached: ${text(url)}`),
  RouterConnected: ({ id }) => sentence('Router', ['', id], 'connected'),
  RouterLost: () => 'Router lost',
  RouterUnobserved: () => 'Observed by no engine',
  RouterDetached: () => 'Router detached',
  RouterDriverChanged: ({ driver }) => sentence('Managed by engine', ['', driver]),
}

const spaced = (type: string): string => {
  const words = type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const describeEvent = ({ type, data }: EventLike): string => DESCRIPTIONS[type]?.(fieldsOf(data)) ?? spaced(type)

export const messageOf = ({ data }: EventLike): string | undefined => {
  const { message, reason } = fieldsOf(data)
  const words = message ?? reason
  return typeof words === 'string' && words !== '' ? words : undefined
}

const IN_USE = /Address already in use - listen on (\S+)( \(held by (.+), process (\d+)\))?/

/** Leaves room for the program's name in a narrow place. */
export const shortMessage = (message: string): string => {
  const [, address, held, holder, pid] = IN_USE.exec(message) ?? []
  if (address === undefined) return message
  return `${address} in use by ${held === undefined ? 'another program' : `${holder}, process ${pid}`}`
}

export const explainMessage = (message: string): string | undefined => {
  const [, address, held, holder, pid] = IN_USE.exec(message) ?? []
  if (address === undefined) return undefined
  const program = held === undefined ? 'Another program' : `The program ${holder} (process ${pid})`
  return `${program} was already listening on ${address} where the router runs.`
}

/** What an event does not state; undefined if its description is enough. */
export const explainType = (type: string): string | undefined =>
  type.endsWith('Drifted') ? 'The router does not report who altered it.' : undefined

export const isCommandType = (type: string): boolean => /(Created|Updated|Deleted)$/.test(type)

export const isCommand = ({ actor }: { readonly actor: string }): boolean => actor !== 'agent'
