/** Types of records, by the numbers that VanFlow gives them. */
export const RECORD_TYPES = { site: 0, router: 1, listener: 4, connector: 5 } as const
export type RecordKind = keyof typeof RECORD_TYPES

/** Attributes of records, by the numbers that VanFlow gives them. */
export const ATTRIBUTE = {
  type: 0,
  identity: 1,
  endTime: 4,
  destHost: 15,
  destPort: 18,
  address: 19,
  name: 30,
} as const

const TEXTS = ['destHost', 'destPort', 'address', 'name'] as const
type TextName = (typeof TEXTS)[number]

/** What one message tells of one record: of an attribute that is not there nothing is said. */
export interface RecordPart {
  readonly identity: string
  /** Undefined where it is not said, and for the types that are not needed here. */
  readonly kind: RecordKind | undefined
  readonly hasEnded: boolean
  readonly texts: Readonly<Partial<Record<TextName, string>>>
}

export interface VanflowRecord {
  readonly kind: RecordKind
  readonly texts: RecordPart['texts']
}

const KINDS = new Map<unknown, RecordKind>(
  Object.entries(RECORD_TYPES).map(([kind, number]) => [number, kind as RecordKind]),
)

/** Nothing that a network names is longer: what is, is nonsense, and would make events that no store takes. */
const LONGEST_TEXT = 255
/** What stands in the place of bytes that are no text: names that differ would be alike. */
const REPLACED = '\uFFFD'

const textOf = (value: unknown): string | undefined => {
  const text = asText(value)
  return text === undefined || text.length > LONGEST_TEXT || text.includes(REPLACED) ? undefined : text
}

/** Texts may arrive as bytes. */
const asText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined
}

/** Undefined where it is no record. */
export const readPart = (value: unknown): RecordPart | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const map = value as Readonly<Record<number, unknown>>
  const identity = textOf(map[ATTRIBUTE.identity])
  if (identity === undefined || identity === '') return undefined
  const texts: Partial<Record<TextName, string>> = {}
  for (const name of TEXTS) {
    const text = textOf(map[ATTRIBUTE[name]])
    if (text !== undefined) texts[name] = text
  }
  const endTime = map[ATTRIBUTE.endTime]
  const hasEnded = endTime !== undefined && endTime !== null && endTime !== 0
  return { identity, kind: KINDS.get(map[ATTRIBUTE.type]), hasEnded, texts }
}

/** The record as it is with what the part says; the very same one where that is nothing new. */
export const merge = (record: VanflowRecord | undefined, { kind, texts }: RecordPart): VanflowRecord | undefined => {
  if (record === undefined) return kind && { kind, texts }
  const hasNews = TEXTS.some(name => texts[name] !== undefined && texts[name] !== record.texts[name])
  return hasNews ? { kind: record.kind, texts: { ...record.texts, ...texts } } : record
}
