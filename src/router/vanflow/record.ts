export const RECORD_TYPES = { site: 0, router: 1, listener: 4, connector: 5 } as const
export type RecordKind = keyof typeof RECORD_TYPES

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

/** Absent attributes are unchanged. */
export interface RecordPart {
  readonly identity: string
  readonly kind: RecordKind | undefined
  readonly hasEnded: boolean
  readonly texts: Readonly<Partial<Record<TextName, string>>>
  readonly invalid?: TextName
}

export interface VanflowRecord {
  readonly kind: RecordKind
  readonly texts: RecordPart['texts']
}

const KINDS = new Map<unknown, RecordKind>(
  Object.entries(RECORD_TYPES).map(([kind, number]) => [number, kind as RecordKind]),
)

/** No store accepts events with longer texts. */
const LONGEST_TEXT = 255
/** Replaces invalid UTF-8, which makes different names look alike. */
const REPLACEMENT = '\uFFFD'

const decode = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined
}

const isUsable = (text: string): boolean => text.length <= LONGEST_TEXT && !text.includes(REPLACEMENT)

export const readPart = (value: unknown): RecordPart | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const map = value as Readonly<Record<number, unknown>>
  const identity = decode(map[ATTRIBUTE.identity])
  if (identity === undefined || identity === '' || !isUsable(identity)) return undefined
  const texts: Partial<Record<TextName, string>> = {}
  let invalid: TextName | undefined
  for (const name of TEXTS) {
    const text = decode(map[ATTRIBUTE[name]])
    if (text === undefined) continue
    if (isUsable(text)) texts[name] = text
    else if (text.includes(REPLACEMENT)) invalid = name
  }
  const endTime = map[ATTRIBUTE.endTime]
  const hasEnded = endTime !== undefined && endTime !== null && endTime !== 0
  const kind = KINDS.get(map[ATTRIBUTE.type])
  return { identity, kind, hasEnded, texts, ...(invalid !== undefined && { invalid }) }
}

export const merge = (record: VanflowRecord | undefined, { kind, texts }: RecordPart): VanflowRecord | undefined => {
  if (record === undefined) return kind && { kind, texts }
  const isChanged = TEXTS.some(name => texts[name] !== undefined && texts[name] !== record.texts[name])
  return isChanged ? { kind: record.kind, texts: { ...record.texts, ...texts } } : record
}
