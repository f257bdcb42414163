import { words } from '../output/humanize.ts'
import type { EventRecord } from './event-record.ts'

type Data = EventRecord['data']

const shown = (value: unknown): string => {
  if (value === undefined) return 'unset'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const moved = (property: string, before: unknown, after: unknown): string =>
  `${words(property)} ${shown(before)} → ${shown(after)}`

const isSpec = (value: unknown): value is Data => typeof value === 'object' && value !== null

const specChanges = (before: Data, after: Data): string =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter(property => JSON.stringify(before[property]) !== JSON.stringify(after[property]))
    .map(property => moved(property, before[property], after[property]))
    .join(', ')

/** Where it listens or leads to, which is what people look for first. */
const endpointText = ({ routingKey, host, selector, port }: Data): string => {
  if (routingKey === undefined) return ''
  const where = host ?? selector
  const at = where === undefined && port === undefined ? '' : `, ${shown(where)}:${shown(port)}`
  return `routing key ${shown(routingKey)}${at}`
}

/** What is told of a router itself. */
const routerText = ({ url, id, driver }: Data): string => {
  if (url !== undefined) return shown(url)
  if (driver !== undefined) return `driven by ${shown(driver)}`
  return id === undefined ? '' : `router ${shown(id)}`
}

/**
 * What an event changed, in a few words. It goes by the form of the data, so that it has something to say of events that
 * it does not know.
 */
export const changeText = ({ data }: Pick<EventRecord, 'data'>): string => {
  const { spec, previous, message = data.reason } = data
  if (isSpec(spec)) return isSpec(previous) ? specChanges(previous, spec) : endpointText(spec)
  if (previous !== undefined) {
    const property = Object.keys(data).find(key => ['routingKey', 'host', 'port'].includes(key))
    return property === undefined ? '' : moved(property, previous, data[property])
  }
  if (message !== undefined) return shown(message)
  return endpointText(data) || routerText(data)
}
