import { compareText } from '../lib/compare.ts'
/** A router's refusal, with an HTTP status code. */
export class Refused extends Error {
  readonly statusCode: number

  constructor(statusCode: number, words: string) {
    super(words)
    this.statusCode = statusCode
  }
}

export type Attributes = Readonly<Record<string, unknown>>

/** An entity as configured; counters and reports are added on read. */
export interface StoredEntity {
  readonly type: string
  readonly name: string
  readonly identity: string
  readonly attributes: Attributes
}

interface EntityType {
  readonly attributes: readonly string[]
  readonly defaults: Attributes
  /** Whether management can create and delete entities of the type. */
  readonly isMade: boolean
  /** The name of the type in the router's messages. */
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
    isMade: true,
    className: 'TcpListenerEntity',
  },
  tcpConnector: {
    attributes: ['host', 'port', 'address', 'siteId', 'sslProfile', 'verifyHostname', 'processId'],
    defaults: { verifyHostname: true },
    isMade: true,
    className: 'TcpConnectorEntity',
  },
  sslProfile: {
    attributes: ['caCertFile', 'certFile', 'privateKeyFile', 'ordinal', 'oldestValidOrdinal'],
    defaults: {},
    isMade: true,
    className: 'SslProfileEntity',
  },
  router: { attributes: ['id', 'mode', 'metadata'], defaults: {}, isMade: false, className: 'RouterEntity' },
  listener: {
    attributes: ['host', 'port', 'role', 'sslProfile'],
    defaults: {},
    isMade: false,
    className: 'ListenerEntity',
  },
  connector: {
    attributes: ['host', 'port', 'role', 'sslProfile'],
    defaults: {},
    isMade: false,
    className: 'ConnectorEntity',
  },
  connection: { attributes: ['container', 'role'], defaults: {}, isMade: false, className: 'ConnectionEntity' },
  'router.node': { attributes: ['id'], defaults: {}, isMade: false, className: 'RouterNodeEntity' },
  'router.address': { attributes: ['name'], defaults: {}, isMade: false, className: 'RouterAddressEntity' },
}

/** @throws Refused for an unknown type */
export const typeOf = (fullName: unknown): { readonly name: string; readonly type: EntityType } => {
  const name = typeof fullName === 'string' ? fullName.replace(TYPE_PREFIX, '') : ''
  const type = TYPES[name]
  if (type === undefined) throw new Refused(400, `No such entity type '${String(fullName)}'`)
  return { name, type }
}

/** The attributes of a type that a query returns by default. */
export const attributeNamesOf = (typeName: string): readonly string[] => {
  const { attributes } = typeOf(typeName).type
  const reported = typeName === 'tcpListener' ? ['operStatus', 'connectionMsg'] : []
  return [...attributes, ...reported, 'name', 'identity', 'type']
}

const list = (attributes: Attributes): string =>
  Object.entries(attributes)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ')

/** An entity's name in the router's messages. */
const described = ({ type, name, identity, attributes }: StoredEntity): string =>
  `${typeOf(type).type.className}(${list({ ...attributes, name, identity, type: TYPE_PREFIX + type })})`

export interface Surroundings {
  /** Names are unique over all types. */
  readonly existing: (name: string) => StoredEntity | undefined
  readonly observers: readonly string[]
  readonly fileExists: (path: string) => boolean
}

const needsAddress = ({ address }: Attributes): void => {
  if (address === undefined || address === '') {
    throw new Refused(
      500,
      "CError: Configuration: Exactly one of the 'address' or 'multiAddressStrategy' field must be set",
    )
  }
}

const needsProfile = ({ sslProfile }: Attributes, { existing, fileExists }: Surroundings): void => {
  if (typeof sslProfile !== 'string') return
  const profile = existing(sslProfile)
  if (profile?.type !== 'sslProfile') throw new Refused(500, `CError: Not found: sslProfile '${sslProfile}' not found`)
  for (const attribute of ['caCertFile', 'certFile', 'privateKeyFile']) {
    const file = profile.attributes[attribute]
    if (typeof file !== 'string' || fileExists(file)) continue
    const words = `Failed to configure TLS ${attribute} ${file} for sslProfile '${sslProfile}': (-1)`
    throw new Refused(500, `CError: Configuration: ${words}`)
  }
}

/** The new entity. @throws Refused with the message of a router */
export const makeEntity = (
  typeName: string,
  name: string,
  given: Attributes,
  surroundings: Surroundings,
): StoredEntity => {
  const { type } = typeOf(typeName)
  const fullName = TYPE_PREFIX + typeName
  if (!type.isMade) throw new Refused(403, `Create not allowed for ${fullName}`)
  for (const attribute of Object.keys(given)) {
    if (type.attributes.includes(attribute)) continue
    throw new Refused(400, `Unknown attribute '${attribute}' for '${fullName}'`)
  }
  const { observer } = given
  if (observer !== undefined && !surroundings.observers.includes(observer as string)) {
    const names = surroundings.observers.map(known => `'${known}'`).join(', ')
    throw new Refused(400, `${fullName}: Invalid value for enum[${names}]: '${String(observer)}'`)
  }
  const port = given.port === undefined ? {} : { port: String(given.port) }
  const attributes: Attributes = { ...type.defaults, ...given, ...port }
  const isEndpoint = typeName !== 'sslProfile'
  const identity = isEndpoint
    ? `${typeName}/${String(attributes.host ?? '')}:${String(attributes.port)}:${name}`
    : `${typeName}/${name}`
  const entity = { type: typeName, name, identity, attributes }
  const existing = surroundings.existing(name)
  if (existing !== undefined) {
    const words = `adding ${described(entity)} duplicates unique attribute 'name' from existing ${described(existing)}`
    throw new Refused(400, words)
  }
  if (!isEndpoint) return entity
  if (attributes.port === undefined) throw new Refused(500, "CError: Python: KeyError: ('port',)")
  needsAddress(attributes)
  needsProfile(attributes, surroundings)
  return entity
}
