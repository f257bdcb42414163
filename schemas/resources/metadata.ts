import { z } from 'zod'
import { type ResourceEventDefinition, resourceData } from '../events/definition.ts'
import { type Issue, mismatch, mustBe } from '../validation.ts'
import { command } from './definition.ts'
import { KINDS, type Kind, singular } from './kinds.ts'
import { withoutPrototype } from './map-keys.ts'
import { flag, isSubdomain } from './names.ts'

/** Labels or annotations, by key. */
export type TextMap = Readonly<Record<string, string>>

/** `null` removes a key. */
export type TextPatch = Readonly<Record<string, string | null>>

export const METADATA_FIELDS = ['labels', 'annotations'] as const
export type MetadataField = (typeof METADATA_FIELDS)[number]

/** Absent if there are none. */
export interface Metadata {
  readonly labels?: TextMap
  readonly annotations?: TextMap
}

const NAME_MAX = 63
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const ANNOTATIONS_MAX_BYTES = 256 * 1024

const KEY =
  'a key (a name of at most 63 characters: letters, digits, -, _ and ., beginning and ending with a letter or digit; before it, if wanted, a DNS subdomain and /)'
const LABEL_VALUE =
  'a value of a label (at most 63 characters: letters, digits, -, _ and ., beginning and ending with a letter or digit; or empty)'

const isName = (text: string): boolean => text.length <= NAME_MAX && NAME.test(text)

/** Kubernetes' qualified name: `app`, `app.kubernetes.io/name`. */
export const isLabelKey = (text: string): boolean => {
  const slash = text.indexOf('/')
  if (slash < 0) return isName(text)
  return isSubdomain(text.slice(0, slash)) && isName(text.slice(slash + 1))
}

export const isLabelValue = (text: string): boolean => text === '' || isName(text)

/** Kubernetes ignores the case of the prefixes of annotations. */
const isAnnotationKey = (text: string): boolean => isLabelKey(text.toLowerCase())

const encoder = new TextEncoder()
const bytesOf = (annotations: TextPatch): number =>
  Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + encoder.encode(key).length + encoder.encode(value ?? '').length,
    0,
  )

export const annotationsIssue = (annotations: TextPatch, path = 'annotations'): Issue | undefined => {
  const bytes = bytesOf(annotations)
  if (bytes <= ANNOTATIONS_MAX_BYTES) return undefined
  return { path, message: `are too large: ${bytes} bytes, and ${ANNOTATIONS_MAX_BYTES} is the most` }
}

const textMap = z.record(z.string(), z.string())

interface MapRules<Value extends z.ZodType> {
  readonly map: string
  readonly value: Value
  isKey(text: string): boolean
}

const mapOf = <Value extends z.ZodType>({ map, value, isKey: isValid }: MapRules<Value>) =>
  withoutPrototype(KEY).pipe(
    z.record(z.string(), value, mustBe(map, 'object')).check(({ value: given, issues }) => {
      for (const key of Object.keys(given)) {
        if (!isValid(key))
          issues.push({ code: 'custom', input: key, path: [key], message: mismatch(key, KEY, 'string') })
      }
    }),
  )

const labelValue = z.string(mustBe(LABEL_VALUE, 'string')).refine(isLabelValue, mustBe(LABEL_VALUE, 'string'))
const annotationValue = z.string(mustBe('a text', 'string'))

const labelRules = { map: 'a map of labels', value: labelValue, isKey: isLabelKey }
const annotationRules = { map: 'a map of annotations', value: annotationValue, isKey: isAnnotationKey }

const withinLimit = <Schema extends z.ZodType<TextPatch>>(schema: Schema): Schema =>
  schema.check(({ value, issues }) => {
    const issue = annotationsIssue(value)
    if (issue !== undefined) issues.push({ code: 'custom', input: value, path: [], message: issue.message })
  })

/** User input, validated as Kubernetes does. */
export const labelsInput = mapOf(labelRules)
export const annotationsInput = withinLimit(mapOf(annotationRules))

/** Of commands that create or apply: all labels and annotations, or those that there are if absent. */
export const initialMetadata = { labels: labelsInput.optional(), annotations: annotationsInput.optional() }

const updateType = <K extends Kind>(kind: K): `Update${K}Metadata` => `Update${kind}Metadata`

const changes = {
  labels: mapOf({ ...labelRules, value: labelValue.nullable() }).optional(),
  annotations: withinLimit(mapOf({ ...annotationRules, value: annotationValue.nullable() })).optional(),
  /** Whether keys that have other values may change. */
  overwrite: flag.default(true),
}

const updateMetadata = <const Type extends string>(type: Type) => command(type, changes)

type MetadataCommands<K extends Kind> = Readonly<
  Record<`Update${K}Metadata`, ReturnType<typeof updateMetadata<`Update${K}Metadata`>>>
>

export type UpdateMetadata = z.output<ReturnType<typeof updateMetadata<`Update${Kind}Metadata`>>>

export const metadataCommands = <const K extends Kind>(kind: K): MetadataCommands<K> =>
  ({ [updateType(kind)]: updateMetadata(updateType(kind)) }) as MetadataCommands<K>

export const isUpdateMetadata = (kind: Kind, given: { readonly type: string }): given is UpdateMetadata =>
  given.type === updateType(kind)

/** `previous` is absent if the resource was created with the labels. */
const labelsData = z.strictObject({ ...resourceData, labels: textMap, previous: textMap.optional() })
const annotationsData = z.strictObject({ ...resourceData, annotations: textMap, previous: textMap.optional() })

interface MetadataEvent<K extends Kind, Data extends z.ZodType> extends ResourceEventDefinition {
  readonly category: `${Uncapitalize<K>}Metadata`
  readonly data: Data
}

type MetadataEvents<K extends Kind> = Readonly<Record<`${K}LabelsUpdated`, MetadataEvent<K, typeof labelsData>>> &
  Readonly<Record<`${K}AnnotationsUpdated`, MetadataEvent<K, typeof annotationsData>>>

const NAMES = { labels: 'Labels', annotations: 'Annotations' } as const satisfies Record<MetadataField, string>

export const metadataEventType = (kind: Kind, field: MetadataField) => `${kind}${NAMES[field]}Updated` as const

/** Own events, because labels and annotations start no generation. */
export const metadataEvents = <const K extends Kind>(kind: K): MetadataEvents<K> => {
  const category = `${singular(kind)}Metadata` as const
  return {
    [metadataEventType(kind, 'labels')]: {
      category,
      audit: { action: 'update', words: 'changed the labels' },
      data: labelsData,
    },
    [metadataEventType(kind, 'annotations')]: {
      category,
      audit: { action: 'update', words: 'changed the annotations' },
      data: annotationsData,
    },
  } as unknown as MetadataEvents<K>
}

interface MetadataEventOf {
  readonly kind: Kind
  readonly field: MetadataField
}

const BY_TYPE = new Map<string, MetadataEventOf>(
  KINDS.flatMap(kind => METADATA_FIELDS.map(field => [metadataEventType(kind, field), { kind, field }] as const)),
)

/** What an event of labels or annotations changes; undefined for other events. */
export const metadataEventOf = (type: string): MetadataEventOf | undefined => BY_TYPE.get(type)

/** Leaves out empty maps. */
export const metadataOf = ({ labels, annotations }: Metadata): Metadata => ({
  ...(labels && Object.keys(labels).length > 0 && { labels }),
  ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
})
