import type { Command } from '../../schemas/commands.ts'
import { alreadyExists, badUserInput, notFound } from '../../schemas/errors.ts'
import type { DomainEvent } from '../../schemas/events/events.ts'
import type { Kind } from '../../schemas/resources/kinds.ts'
import {
  annotationsIssue,
  isUpdateMetadata,
  METADATA_FIELDS,
  type Metadata,
  type MetadataField,
  metadataEventOf,
  metadataEventType,
  type TextMap,
  type TextPatch,
  type UpdateMetadata,
} from '../../schemas/resources/metadata.ts'
import type { Decider, WithNewUid } from './decider.ts'
import { changedFields } from './immutable-fields.ts'

type AnyDecider = Decider<unknown, WithNewUid<Command>, DomainEvent>

type Existing = Metadata & { readonly exists: true; readonly name?: string; readonly uid: string }
type State = { readonly exists: false } | Existing

interface Subject {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

const NONE: TextMap = {}

const existing = (kind: Kind, { namespace, name }: UpdateMetadata, state: State): Existing => {
  if (state.exists && (state.name ?? name) === name) return state
  throw notFound(kind, namespace, name)
}

const assertNotOverwritten = (kind: Kind, name: string, field: MetadataField, before: TextMap, patch: TextPatch) => {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || !Object.hasOwn(before, key) || before[key] === value) continue
    throw alreadyExists(`${kind} ${name} has ${key}=${before[key]} among its ${field}: overwrite it to change it`)
  }
}

const patched = (before: TextMap, patch: TextPatch): TextMap =>
  Object.fromEntries(
    Object.entries({ ...before, ...patch }).filter((entry): entry is [string, string] => entry[1] !== null),
  )

const metadataUpdated = (
  kind: Kind,
  subject: Subject,
  before: Metadata | undefined,
  after: { readonly [Field in MetadataField]?: TextMap | undefined },
): DomainEvent[] =>
  METADATA_FIELDS.flatMap((field): DomainEvent[] => {
    const [was, is] = [before?.[field] ?? NONE, after[field]]
    if (is === undefined || changedFields(was, is).length === 0) return []
    const data = { ...subject, [field]: is, ...(before && { previous: was }) }
    return [{ type: metadataEventType(kind, field), data } as DomainEvent]
  })

const updates = (kind: Kind, command: UpdateMetadata, state: State): DomainEvent[] => {
  const before = existing(kind, command, state)
  const { namespace, name, overwrite } = command
  const after = METADATA_FIELDS.map(field => {
    const [was, patch] = [before[field] ?? NONE, command[field] ?? NONE]
    if (!overwrite) assertNotOverwritten(kind, name, field, was, patch)
    return [field, patched(was, patch)] as const
  })
  const metadata: Metadata = Object.fromEntries(after)
  const issue = annotationsIssue(metadata.annotations ?? NONE)
  if (issue !== undefined) throw badUserInput([issue])
  return metadataUpdated(kind, { namespace, name, uid: before.uid }, before, metadata)
}

export const withMetadata = (kind: Kind, { initial, decide, evolve }: AnyDecider): AnyDecider => ({
  initial,
  decide: (command, given) => {
    const state = given as State
    if (isUpdateMetadata(kind, command)) return updates(kind, command, state)
    const events = decide(command, state)
    const { labels, annotations }: Metadata = command as WithNewUid<Command> & Metadata
    // A replacement, which has several events, keeps those that the command omits.
    if (labels === undefined && annotations === undefined && events.length === 1) return events
    const after = events.reduce(evolve, state as unknown) as State
    if (!after.exists) return events
    const { namespace, name } = command
    const subject = { namespace, name, uid: after.uid }
    if (!state.exists) return [...events, ...metadataUpdated(kind, subject, undefined, { labels, annotations })]
    if (after.uid === state.uid) return [...events, ...metadataUpdated(kind, subject, state, { labels, annotations })]
    const kept = { labels: labels ?? state.labels, annotations: annotations ?? state.annotations }
    return [...events, ...metadataUpdated(kind, subject, undefined, kept)]
  },
  evolve: (state, event) => {
    const changed = metadataEventOf(event.type)
    if (changed === undefined) return evolve(state, event)
    const { field } = changed
    return (state as State).exists
      ? { ...(state as Existing), [field]: (event.data as Partial<Metadata>)[field] }
      : state
  },
})
