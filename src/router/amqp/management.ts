/** A router's entity as management tells it: attributes by name. */
export type Entity = Readonly<Record<string, unknown>>

/**
 * The management of one router. Requests go out at once, however many are under way; the router answers them in order.
 *
 * Every method rejects with RouterRefusal where the router says no, and with RouterUnreachable where it does not answer
 * in time, answers what cannot be understood, or the connection is gone: then nobody knows whether it was done.
 */
export interface Management {
  /**
   * All entities of a type (its full name: `io.skupper.router.tcpListener`).
   *
   * @param attributeNames those to be told; every one where none is named
   */
  query(type: string, attributeNames?: readonly string[]): Promise<Entity[]>
  /** Makes an entity and answers what came of it. That it is there does not mean that it works. */
  create(type: string, name: string, attributes: Entity): Promise<Entity>
  /** Changes attributes of an entity; most cannot be changed. */
  update(type: string, name: string, attributes: Entity): Promise<void>
  delete(type: string, name: string): Promise<void>
}

/** The router said no: a status code as of HTTP, and its own words. */
export class RouterRefusal extends Error {
  override readonly name = 'RouterRefusal'
  readonly statusCode: number

  constructor(statusCode: number, description: string) {
    super(description)
    this.statusCode = statusCode
  }
}

/** No answer, or none that can be understood. */
export class RouterUnreachable extends Error {
  override readonly name = 'RouterUnreachable'
}
