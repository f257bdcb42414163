import type { Message } from 'rhea'
import { type Entity, RouterRefusal, RouterUnreachable } from './management.ts'

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)

const isList = (value: unknown): value is unknown[] => Array.isArray(value)

/** Without the attributes that have no value. */
const entityOf = (names: readonly string[], values: readonly unknown[]): Entity => {
  const entity: Record<string, unknown> = {}
  for (let index = 0; index < names.length; index += 1) {
    const value = values[index]
    const name = names[index] as string
    // Names are the router's: this one would mean something to JavaScript.
    if (value !== null && value !== undefined && name !== '__proto__') entity[name] = value
  }
  return entity
}

const notUnderstood = (what: string): RouterUnreachable =>
  new RouterUnreachable(`The router's answer cannot be understood: ${what}`)

/** @throws RouterRefusal where it is a refusal, RouterUnreachable where it is no answer */
export const readStatus = ({ application_properties: properties }: Message): void => {
  const { statusCode, statusDescription } = (properties ?? {}) as Record<string, unknown>
  if (typeof statusCode !== 'number') throw notUnderstood('it has no statusCode')
  if (statusCode >= 200 && statusCode < 300) return
  const words = typeof statusDescription === 'string' && statusDescription !== '' ? statusDescription : undefined
  throw new RouterRefusal(statusCode, words ?? `The router refuses with ${statusCode} and says no more`)
}

/** The entity in the answer to a CREATE. @throws RouterUnreachable where there is none */
export const readEntity = ({ body }: Message): Entity => {
  if (!isMap(body)) throw notUnderstood('its body is no entity')
  return entityOf(Object.keys(body), Object.values(body))
}

/** The entities in the answer to a QUERY. @throws RouterUnreachable where rows and columns do not match */
export const readEntities = ({ body }: Message): Entity[] => {
  const { attributeNames, results } = isMap(body) ? body : {}
  if (!isList(attributeNames) || !attributeNames.every(name => typeof name === 'string') || !isList(results)) {
    throw notUnderstood('its body has no attributeNames and results')
  }
  return results.map(row => {
    if (!isList(row) || row.length !== attributeNames.length) throw notUnderstood('a result of another length')
    return entityOf(attributeNames, row)
  })
}
