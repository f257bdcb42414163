import { usageError } from '../errors.ts'
import { plural, type Resource, type ResourceKind, toManifest } from './resource.ts'

const OF_ALL_KINDS = ['metadata.name', 'metadata.namespace', 'status.status']

export const fieldsOf = ({ selectableFields }: ResourceKind): readonly string[] => [
  ...OF_ALL_KINDS,
  ...selectableFields,
]

interface Requirement {
  readonly field: string
  readonly isEqual: boolean
  readonly value: string
}

const requirement = (text: string): Requirement => {
  const [, field, operator, value] = /^([^=!\\]+)(==|!=|=)(.*)$/s.exec(text.trim()) ?? []
  if (field === undefined || value === undefined)
    throw usageError(`'${text}' is invalid in --field-selector: must be FIELD=VALUE or FIELD!=VALUE`)
  return { field, isEqual: operator !== '!=', value: value.replace(/\\([\\,=])/g, '$1') }
}

/** A backslash precedes commas, backslashes and equals signs in values; one at the end precedes nothing. */
const requirements = (selector: string): readonly Requirement[] =>
  (selector.match(/(?:\\.|[^\\,]|\\$)+/gs) ?? []).map(requirement)

/** A missing field is empty, as in Kubernetes. */
const textAt = (document: unknown, field: string): string => {
  const value = field
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
  return value === undefined ? '' : String(value)
}

/** A misspelt field would select nothing, or with != everything. */
const assertKnown = (kind: ResourceKind, { field }: Requirement): void => {
  const known = fieldsOf(kind)
  if (!known.includes(field))
    throw usageError(`${plural(kind)} cannot be selected by '${field}': use ${known.join(', ')}`)
}

/** The kind with only those of its resources that the selector matches. */
export const selectedByFields = (kind: ResourceKind, selector: string | undefined): ResourceKind => {
  if (selector === undefined) return kind
  const required = requirements(selector)
  for (const each of required) assertKnown(kind, each)
  const matches = (resource: Resource): boolean => {
    const manifest = toManifest(kind, resource)
    return required.every(({ field, isEqual, value }) => (textAt(manifest, field) === value) === isEqual)
  }
  return {
    ...kind,
    list: async (client, scope) => (await kind.list(client, scope)).filter(matches),
    // A change may make a resource match, or no longer match.
    live: scope => ({ request: kind.live(scope).request }),
  }
}
