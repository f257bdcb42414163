import type { Clock, Timer } from '../lib/clock.ts'
import {
  type Attributes,
  attributeNamesOf,
  createEntity,
  type Environment,
  Refusal,
  type StoredEntity,
  TYPE_PREFIX,
  typeOf,
} from './entity-types.ts'

interface ManagementRequest {
  readonly operation?: unknown
  readonly type?: unknown
  readonly entityType?: unknown
  readonly name?: unknown
  readonly body: unknown
}

interface ManagementResponse {
  readonly statusCode: number
  readonly statusDescription: string
  readonly body: unknown
}

/** Milliseconds, measured with 2,000 entities. */
const COSTS: Readonly<Record<string, number>> = { CREATE: 1000 / 240, DELETE: 1000 / 450, READ: 1, UPDATE: 1 }
const QUERY_MS = 1
const QUERY_ENTITY_MS = 0.01

interface ManagementAgentOptions extends Pick<Environment, 'observers' | 'lacking' | 'fileExists'> {
  readonly builtIn: (type: string) => readonly StoredEntity[]
  readonly reported: (entity: StoredEntity) => Attributes
  readonly onCreated: (entity: StoredEntity) => void
  readonly onDeleted: (entity: StoredEntity) => void
  readonly onRenewed: (entity: StoredEntity) => void
  readonly pace: number
  readonly clock: Clock
}

export class ManagementAgent {
  readonly #options: ManagementAgentOptions
  readonly #entities = new Map<string, Map<string, StoredEntity>>()
  readonly #waiting: { readonly due: number; readonly work: () => void }[] = []
  #busyUntil = 0
  #timer: Timer | undefined

  constructor(options: ManagementAgentOptions) {
    this.#options = options
  }

  handle(request: ManagementRequest, respond: (response: ManagementResponse) => void): void {
    this.#busyUntil = Math.max(this.#busyUntil, this.#options.clock.now()) + this.#cost(request) * this.#options.pace
    this.#waiting.push({ due: this.#busyUntil, work: () => respond(this.#respond(request)) })
    this.#timer ??= this.#options.clock.setTimeout(() => this.#work(), 0)
  }

  #work(): void {
    const now = this.#options.clock.now()
    let done = 0
    while (done < this.#waiting.length && (this.#waiting[done]?.due ?? 0) <= now) done += 1
    for (const { work } of this.#waiting.splice(0, done)) work()
    const [next] = this.#waiting
    this.#timer =
      next && this.#options.clock.setTimeout(() => this.#work(), Math.max(0, next.due - this.#options.clock.now()))
  }

  stop(): void {
    this.#timer?.cancel()
    this.#waiting.length = 0
  }

  entities(type: string): readonly StoredEntity[] {
    return [...(this.#entities.get(type)?.values() ?? [])]
  }

  #cost({ operation, entityType }: ManagementRequest): number {
    if (operation !== 'QUERY') return COSTS[operation as string] ?? 1
    const type = typeof entityType === 'string' ? entityType.replace(TYPE_PREFIX, '') : ''
    return QUERY_MS + QUERY_ENTITY_MS * (this.#entities.get(type)?.size ?? 0)
  }

  #respond(request: ManagementRequest): ManagementResponse {
    try {
      switch (request.operation) {
        case 'QUERY':
          return { statusCode: 200, statusDescription: 'OK', body: this.#query(request) }
        case 'CREATE':
          return { statusCode: 201, statusDescription: 'Created', body: this.#create(request) }
        case 'DELETE':
          this.#delete(request)
          return { statusCode: 204, statusDescription: 'No content', body: {} }
        case 'READ':
          return { statusCode: 200, statusDescription: 'OK', body: this.#map(this.#find(request)) }
        case 'UPDATE':
          return this.#update(request)
        default:
          throw new Refusal(501, `Not Implemented: ${String(request.operation)}`)
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { statusCode: error.statusCode, statusDescription: error.message, body: {} }
    }
  }

  #map(entity: StoredEntity): Attributes {
    const { type, name, identity, attributes } = entity
    return { ...attributes, type: TYPE_PREFIX + type, name, identity, ...this.#options.reported(entity) }
  }

  #query({ entityType, body }: ManagementRequest): unknown {
    const { name } = typeOf(entityType, this.#options.lacking)
    const requested = (body as { attributeNames?: readonly string[] } | null)?.attributeNames ?? []
    const known = attributeNamesOf(name, this.#options.lacking)
    const unknown = requested.filter(attribute => !known.includes(attribute))
    if (unknown.length > 0) {
      const names = unknown.map(attribute => `'${attribute}'`).join(', ')
      throw new Refusal(404, `Unknown attributes [${names}] for type ${TYPE_PREFIX}${name}.`)
    }
    const attributeNames = requested.length > 0 ? requested : known
    const rows = [...this.entities(name), ...this.#options.builtIn(name)].map(entity => this.#map(entity))
    return { attributeNames, results: rows.map(row => attributeNames.map(attribute => row[attribute] ?? null)) }
  }

  #named(name: string): StoredEntity | undefined {
    for (const ofType of this.#entities.values()) if (ofType.has(name)) return ofType.get(name)
    return undefined
  }

  #create({ type, name, body }: ManagementRequest): Attributes {
    const { observers, lacking, fileExists, onCreated } = this.#options
    const { name: typeName } = typeOf(type, lacking)
    const entity = createEntity(typeName, String(name), (body ?? {}) as Attributes, {
      existing: called => this.#named(called),
      observers,
      lacking,
      fileExists,
    })
    let ofType = this.#entities.get(typeName)
    if (ofType === undefined) {
      ofType = new Map()
      this.#entities.set(typeName, ofType)
    }
    ofType.set(entity.name, entity)
    const created = this.#map(entity)
    onCreated(entity)
    return created
  }

  #find({ type, name }: ManagementRequest): StoredEntity {
    const entity = this.#entities.get(typeOf(type).name)?.get(String(name))
    if (entity === undefined) throw new Refusal(404, `No entity with name=${String(name)}`)
    return entity
  }

  #delete(request: ManagementRequest): void {
    const entity = this.#find(request)
    const hasAddresses = this.entities('listenerAddress').some(({ attributes }) => attributes.listener === entity.name)
    if (entity.type === 'tcpListener' && hasAddresses) {
      const message = `listenerAddress entities exist for  multi-address listener ${entity.name}`
      throw new Refusal(500, `CError: Value: ${message}`)
    }
    this.#entities.get(entity.type)?.delete(entity.name)
    this.#options.onDeleted(entity)
  }

  #update(request: ManagementRequest): ManagementResponse {
    const entity = this.#find(request)
    const given = (request.body ?? {}) as Attributes
    const [attribute] = Object.keys(given)
    if (entity.type === 'sslProfile') {
      const renewed = { ...entity, attributes: { ...entity.attributes, ...given } }
      this.#entities.get(entity.type)?.set(entity.name, renewed)
      this.#options.onRenewed(renewed)
      return { statusCode: 200, statusDescription: 'OK', body: this.#map(renewed) }
    }
    throw new Refusal(400, `Cannot update attribute '${attribute}' in UPDATE`)
  }
}
