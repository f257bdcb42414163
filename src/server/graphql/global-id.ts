import { formatPosition, type Position, parsePosition } from '../../../schemas/events/recorded-event.ts'
import { KINDS, type Kind } from '../../../schemas/resources/kinds.ts'

export interface ResourceId {
  readonly kind: Kind
  readonly namespace: string
  /** A site is identified by its namespace: it has no name before it is declared. */
  readonly name?: string | undefined
  /** For a past state, so that caches keep it apart from the current one. */
  readonly asOf?: Position | undefined
}

const ID = /^(\w+):([^:@]+)(?::([^:@]+))?(?:@(\d+))?$/

/** Encodes `Listener:west:backend`, `Site:west` or `Listener:west:backend@0000000000000042`. */
export const toGlobalId = ({ kind, namespace, name, asOf }: ResourceId): string => {
  const resource = kind === 'Site' ? `${kind}:${namespace}` : `${kind}:${namespace}:${name}`
  return Buffer.from(asOf === undefined ? resource : `${resource}@${formatPosition(asOf)}`).toString('base64url')
}

export const fromGlobalId = (id: string): ResourceId | undefined => {
  const [, text, namespace, name, position] = ID.exec(Buffer.from(id, 'base64url').toString()) ?? []
  const kind = KINDS.find(each => each === text)
  if (kind === undefined || namespace === undefined) return undefined
  const found = { kind, namespace, name, asOf: position === undefined ? undefined : parsePosition(position) }
  return toGlobalId(found) === id ? found : undefined
}
