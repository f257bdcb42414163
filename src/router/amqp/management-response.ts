import type { Message } from 'rhea'
import { type Entity, RouterRefusal, RouterUnreachable } from './management.ts'

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)

const isList = (value: unknown): value is unknown[] => Array.isArray(value)

const entityOf = (names: readonly string[], values: readonly unknown[]): Entity => {
  const entity: Record<string, unknown> = {}
  for (let index = 0; index < names.length; index += 1) {
    const value = values[index]
    const name = names[index] as string
    if (value !== null && value !== undefined && name !== '__proto__') entity[name] = value
  }
  return entity
}

const invalidResponse = (what: string): RouterUnreachable =>
  new RouterUnreachable(`The router's response is invalid: ${what}`)

export const readStatus = ({ application_properties: properties }: Message): void => {
  const { statusCode, statusDescription } = (properties ?? {}) as Record<string, unknown>
  if (typeof statusCode !== 'number') throw invalidResponse('it has no statusCode')
  if (statusCode >= 200 && statusCode < 300) return
  const message = typeof statusDescription === 'string' && statusDescription !== '' ? statusDescription : undefined
  throw new RouterRefusal(statusCode, message ?? `The router refuses with ${statusCode} and no reason`)
}

export const readEntity = ({ body }: Message): Entity => {
  if (!isMap(body)) throw invalidResponse('its body is no entity')
  return entityOf(Object.keys(body), Object.values(body))
}

/** By body, because equal bodies are shared (./body-cache.ts). */
const entitiesOf = new WeakMap<object, readonly Entity[]>()

export const readEntities = ({ body }: Message): readonly Entity[] => {
  const known = isMap(body) ? entitiesOf.get(body) : undefined
  if (known !== undefined) return known
  const { attributeNames, results } = isMap(body) ? body : {}
  if (!isList(attributeNames) || !attributeNames.every(name => typeof name === 'string') || !isList(results)) {
    throw invalidResponse('its body has no attributeNames and results')
  }
  const entities = results.map(row => {
    if (!isList(row) || row.length !== attributeNames.length) throw invalidResponse('a result of another length')
    return entityOf(attributeNames, row)
  })
  entitiesOf.set(body as object, entities)
  return entities
}
