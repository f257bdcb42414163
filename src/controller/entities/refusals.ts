import { type Entity, RouterRefusal } from '../../router/amqp/management.ts'

/** Rethrows other errors. */
export const toRefusal = (error: unknown): RouterRefusal => {
  if (error instanceof RouterRefusal) return error
  throw error
}

export const ignoreRefusal = (deletion: Promise<void>): Promise<RouterRefusal | undefined> =>
  deletion.then(() => undefined, toRefusal)

export const noneIfRefused = (query: Promise<readonly Entity[]>): Promise<readonly Entity[]> =>
  query.catch(error => {
    toRefusal(error)
    return []
  })
