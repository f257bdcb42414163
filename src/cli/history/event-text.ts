import { KINDS } from '../../../schemas/resources/kinds.ts'
import type { EventFragment } from '../client/generated.ts'
import type { Column } from '../output/table.ts'
import { humanize } from '../output/text.ts'
import { routingKeysText } from '../resources/strategy.ts'

type Data = Readonly<Record<string, unknown>>

/** What the event of a changed property has besides. */
const OTHER_DATA = ['generation', 'name', 'namespace', 'previous', 'uid']

const shown = (value: unknown): string => {
  if (value === undefined) return 'unset'
  return typeof value === 'string' ? value : (routingKeysText(value) ?? JSON.stringify(value))
}

const moved = (property: string, before: unknown, after: unknown): string =>
  `${humanize(property)} ${shown(before)} → ${shown(after)}`

const isObject = (value: unknown): value is Data => typeof value === 'object' && value !== null

const dataOf = ({ data }: Pick<EventFragment, 'data'>): Data => (isObject(data) ? data : {})

const specChanges = (before: Data, after: Data): string =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter(property => JSON.stringify(before[property]) !== JSON.stringify(after[property]))
    .map(property => moved(property, before[property], after[property]))
    .join(', ')

/** `tier=web, owner-`, as on the command line. */
const mapChanges = (before: unknown, after: unknown): string => {
  const [was, is] = [isObject(before) ? before : {}, isObject(after) ? after : {}]
  const set = Object.keys(is).filter(key => was[key] !== is[key])
  const removed = Object.keys(was).filter(key => !Object.hasOwn(is, key))
  return [...set.map(key => `${key}=${shown(is[key])}`), ...removed.map(key => `${key}-`)].join(', ')
}

const keysText = ({ routingKey, strategy }: Data): string => {
  if (routingKey !== undefined) return `routing key ${shown(routingKey)}`
  return strategy === undefined ? '' : `routing keys ${shown(strategy)}`
}

const endpointText = (spec: Data): string => {
  const { host, selector, port } = spec
  const keys = keysText(spec)
  if (keys === '') return ''
  const where = host ?? selector
  const at = where === undefined && port === undefined ? '' : `, ${shown(where)}:${shown(port)}`
  return `${keys}${at}`
}

const routerText = ({ url, id, driver }: Data): string => {
  if (url !== undefined) return shown(url)
  if (driver !== undefined) return `driven by ${shown(driver)}`
  return id === undefined ? '' : `router ${shown(id)}`
}

/** Labels and annotations affect no status. */
export const isMetadataChange = (event: Pick<EventFragment, 'data'>): boolean => {
  const { labels, annotations } = dataOf(event)
  return isObject(labels) || isObject(annotations)
}

/** Unknown event types work. */
export const changeText = (event: Pick<EventFragment, 'data'>): string => {
  const data = dataOf(event)
  const { spec, previous, labels, annotations, message = data.reason } = data
  if (isMetadataChange(event)) return mapChanges(previous, labels ?? annotations)
  if (isObject(spec)) return isObject(previous) ? specChanges(previous, spec) : endpointText(spec)
  if (previous !== undefined) {
    const property = Object.keys(data).find(key => !OTHER_DATA.includes(key)) ?? 'name'
    return moved(property, previous, data[property])
  }
  if (message !== undefined) return shown(message)
  return endpointText(data) || routerText(data)
}

export const positionText = (position: string): string => position.replace(/^0+(?=.)/, '')

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** `listener/backend`, also in a router's report; else the owner of the stream. */
export const resourceOf = (event: EventFragment): string => {
  const { type, stream } = event
  const data = dataOf(event)
  const reported = data.uid === undefined ? undefined : KINDS.find(kind => type.startsWith(kind))
  return `${reported?.toLowerCase() ?? stream.slice(0, stream.indexOf('-'))}/${textIn(data.name) ?? textIn(data.namespace) ?? ''}`
}

export const NAMESPACE: Column<EventFragment> = { title: 'NAMESPACE', value: event => textIn(dataOf(event).namespace) }

export const EVENT_COLUMNS: readonly Column<EventFragment>[] = [
  { title: 'TIME', value: ({ time }) => time },
  { title: 'POSITION', value: ({ position }) => positionText(position) },
  { title: 'RESOURCE', value: resourceOf },
  { title: 'EVENT', value: ({ type }) => type },
  { title: 'ACTOR', value: ({ actor }) => actor },
  { title: 'CHANGE', value: changeText },
]
