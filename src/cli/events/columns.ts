import type { Column } from '../output/table.ts'
import { changeText } from './change-text.ts'
import type { EventRecord } from './event-record.ts'

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** `listener/backend`: what the event is about, though a router told it; else whom the stream is for. */
export const resourceOf = ({ type, stream, data }: EventRecord): string => {
  const ofRouter = data.uid === undefined ? undefined : /^(Listener|Connector)/.exec(type)?.[0].toLowerCase()
  return `${ofRouter ?? stream.slice(0, stream.indexOf('-'))}/${text(data.name) ?? text(data.namespace) ?? ''}`
}

export const NAMESPACE: Column<EventRecord> = { title: 'NAMESPACE', value: ({ data }) => text(data.namespace) }

export const EVENT_COLUMNS: readonly Column<EventRecord>[] = [
  { title: 'TIME', value: ({ time }) => time },
  { title: 'POSITION', value: ({ position }) => position.replace(/^0+(?=.)/, '') },
  { title: 'RESOURCE', value: resourceOf },
  { title: 'EVENT', value: ({ type }) => type },
  { title: 'ACTOR', value: ({ actor }) => actor },
  { title: 'CHANGE', value: changeText },
]
