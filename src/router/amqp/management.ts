export type Entity = Readonly<Record<string, unknown>>

/**
 * Requests are handled in the order of the calls. Methods reject with RouterRefusal, or with RouterUnreachable if the
 * connection is lost or the response is late or invalid: the request may have been carried out.
 */
export interface Management {
  /** @param type the full name: `io.skupper.router.tcpListener` */
  query(type: string, attributeNames?: readonly string[]): Promise<readonly Entity[]>
  /** The created entity may fail later: a listener's socket may not open. */
  create(type: string, name: string, attributes: Entity): Promise<Entity>
  /** A router can change few attributes. */
  update(type: string, name: string, attributes: Entity): Promise<void>
  delete(type: string, name: string): Promise<void>
}

/** With a status code as in HTTP. */
export class RouterRefusal extends Error {
  override readonly name = 'RouterRefusal'
  readonly statusCode: number

  constructor(statusCode: number, description: string) {
    super(description)
    this.statusCode = statusCode
  }
}

export class RouterUnreachable extends Error {
  override readonly name = 'RouterUnreachable'
}
