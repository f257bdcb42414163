import { compareText } from '../lib/compare.ts'

export class Refusal extends Error {
  readonly statusCode: number

  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

export type Attributes = Readonly<Record<string, unknown>>

export interface StoredEntity {
  readonly type: string
  readonly name: string
  readonly identity: string
  readonly attributes: Attributes
}

interface EntityType {
  readonly attributes: readonly string[]
  readonly defaults: Attributes
  readonly isCreatable: boolean
  readonly className: string
}

export const TYPE_PREFIX = 'io.skupper.router.'

const TYPES: Readonly<Record<string, EntityType>> = {
  tcpListener: {
    attributes: [
      'host',
      'port',
      'address',
      'siteId',
      'sslProfile',
      'observer',
      'authenticatePeer',
      'backlog',
      'multiAddressStrategy',
    ],
    defaults: { backlog: 0, multiAddressStrategy: 'none', authenticatePeer: false, observer: 'auto' },
    isCreatable: true,
    className: 'TcpListenerEntity',
  },
  listenerAddress: {
    attributes: ['address', 'value', 'listener', 'connectionsOpened'],
    defaults: { connectionsOpened: 0 },
    isCreatable: true,
    className: 'ListenerAddressEntity',
  },
  tcpConnector: {
    attributes: ['host', 'port', 'address', 'siteId', 'sslProfile', 'verifyHostname', 'processId'],
    defaults: { verifyHostname: true },
    isCreatable: true,
    className: 'TcpConnectorEntity',
  },
  sslProfile: {
    attributes: ['caCertFile', 'certFile', 'privateKeyFile', 'ordinal', 'oldestValidOrdinal'],
    defaults: {},
    isCreatable: true,
    className: 'SslProfileEntity',
  },
  router: { attributes: ['id', 'mode', 'metadata'], defaults: {}, isCreatable: false, className: 'RouterEntity' },
  listener: {
    attributes: ['host', 'port', 'role', 'sslProfile'],
    defaults: {},
    isCreatable: false,
    className: 'ListenerEntity',
  },
  connector: {
    attributes: ['host', 'port', 'role', 'sslProfile'],
    defaults: {},
    isCreatable: false,
    className: 'ConnectorEntity',
  },
  connection: { attributes: ['container', 'role'], defaults: {}, isCreatable: false, className: 'ConnectionEntity' },
  'router.node': { attributes: ['id'], defaults: {}, isCreatable: false, className: 'RouterNodeEntity' },
  'router.address': { attributes: ['name'], defaults: {}, isCreatable: false, className: 'RouterAddressEntity' },
}

export const typeOf = (
  fullName: unknown,
  lacking: readonly string[] = [],
): { readonly name: string; readonly type: EntityType } => {
  const name = typeof fullName === 'string' ? fullName.replace(TYPE_PREFIX, '') : ''
  const type = lacking.includes(name) ? undefined : TYPES[name]
  if (type === undefined) throw new Refusal(400, `No such entity type '${String(fullName)}'`)
  if (lacking.length === 0) return { name, type }
  return { name, type: { ...type, attributes: type.attributes.filter(attribute => !lacking.includes(attribute)) } }
}

export const attributeNamesOf = (typeName: string, lacking: readonly string[]): readonly string[] => {
  const { attributes } = typeOf(typeName, lacking).type
  const reported = typeName === 'tcpListener' ? ['operStatus', 'connectionMsg'] : []
  return [...attributes, ...reported, 'name', 'identity', 'type']
}

const list = (attributes: Attributes): string =>
  Object.entries(attributes)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ')

const described = ({ type, name, identity, attributes }: StoredEntity): string =>
  `${typeOf(type).type.className}(${list({ ...attributes, name, identity, type: TYPE_PREFIX + type })})`

export interface Environment {
  readonly existing: (name: string) => StoredEntity | undefined
  readonly observers: readonly string[]
  readonly lacking: readonly string[]
  readonly fileExists: (path: string) => boolean
}

const needsAddress = ({ address, multiAddressStrategy = 'none' }: Attributes): void => {
  const hasAddress = address !== undefined && address !== ''
  if (hasAddress === (multiAddressStrategy !== 'none')) {
    throw new Refusal(
      500,
      "CError: Configuration: Exactly one of the 'address' or 'multiAddressStrategy' field must be set",
    )
  }
}

const needsProfile = ({ sslProfile }: Attributes, { existing, fileExists }: Environment): void => {
  if (typeof sslProfile !== 'string') return
  const profile = existing(sslProfile)
  if (profile?.type !== 'sslProfile') throw new Refusal(500, `CError: Not found: sslProfile '${sslProfile}' not found`)
  for (const attribute of ['caCertFile', 'certFile', 'privateKeyFile']) {
    const file = profile.attributes[attribute]
    if (typeof file !== 'string' || fileExists(file)) continue
    const message = `Failed to configure TLS ${attribute} ${file} for sslProfile '${sslProfile}': (-1)`
    throw new Refusal(500, `CError: Configuration: ${message}`)
  }
}

const needsListener = ({ listener }: Attributes, { existing }: Environment): void => {
  const found = existing(String(listener))
  if (found?.type !== 'tcpListener') {
    throw new Refusal(500, `CError: Value: Listener for new address does not exist ${String(listener)}`)
  }
  if ((found.attributes.multiAddressStrategy ?? 'none') === 'none') {
    const message = `Must not assign new address to non multi-address listener ${String(listener)}`
    throw new Refusal(500, `CError: Value: ${message}`)
  }
}

export const createEntity = (
  typeName: string,
  name: string,
  given: Attributes,
  environment: Environment,
): StoredEntity => {
  const { type } = typeOf(typeName, environment.lacking)
  const fullName = TYPE_PREFIX + typeName
  if (!type.isCreatable) throw new Refusal(403, `Create not allowed for ${fullName}`)
  for (const attribute of Object.keys(given)) {
    if (type.attributes.includes(attribute)) continue
    throw new Refusal(400, `Unknown attribute '${attribute}' for '${fullName}'`)
  }
  const { observer } = given
  if (observer !== undefined && !environment.observers.includes(observer as string)) {
    const names = environment.observers.map(known => `'${known}'`).join(', ')
    throw new Refusal(400, `${fullName}: Invalid value for enum[${names}]: '${String(observer)}'`)
  }
  const port = given.port === undefined ? {} : { port: String(given.port) }
  const attributes: Attributes = { ...type.defaults, ...given, ...port }
  const isEndpoint = typeName === 'tcpListener' || typeName === 'tcpConnector'
  const identity = isEndpoint
    ? `${typeName}/${String(attributes.host ?? '')}:${String(attributes.port)}:${name}`
    : `${typeName}/${name}`
  const entity = { type: typeName, name, identity, attributes }
  const existing = environment.existing(name)
  if (existing !== undefined) {
    const message = `adding ${described(entity)} duplicates unique attribute 'name' from existing ${described(existing)}`
    throw new Refusal(400, message)
  }
  if (typeName === 'listenerAddress') needsListener(attributes, environment)
  if (!isEndpoint) return entity
  if (attributes.port === undefined) throw new Refusal(500, "CError: Python: KeyError: ('port',)")
  needsAddress(attributes)
  needsProfile(attributes, environment)
  return entity
}
