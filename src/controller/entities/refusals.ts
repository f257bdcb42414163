import { type Entity, RouterRefusal } from '../../router/amqp/management.ts'

/** Rethrows other errors. */
export const toRefusal = (error: unknown): RouterRefusal => {
  if (error instanceof RouterRefusal) return error
  throw error
}

export const ignoreRefusal = (deletion: Promise<void>): Promise<RouterRefusal | undefined> =>
  deletion.then(() => undefined, toRefusal)

/** A router that refuses to list a type has none of it. */
export const noneIfRefused = (query: Promise<readonly Entity[]>): Promise<readonly Entity[]> =>
  query.catch(error => {
    toRefusal(error)
    return []
  })
