import { type Detour, definitionOf, type EventData, type GuardedBy, type HarkEvent } from '../schemas/events/events.ts'
import { resourceEvents } from '../schemas/resources/registry.ts'
import { Draft, NO_CHANGES } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'

export interface OpenClaim {
  readonly stream: string
  readonly claim: EventData<'EndpointReserved'>['claim']
  readonly detour?: Detour
}

/** A resource that made way for others and has not reached its endpoint. */
export interface OpenDetour {
  readonly namespace: string
  readonly name: string
  readonly detour: Detour
}

interface EndpointClaimsRows {
  /** Keyed by the endpoint's stream. */
  readonly open: OpenClaim
  /** Keyed by the resource's stream. */
  readonly detours: OpenDetour
}

const isFolded = (event: HarkEvent): event is HarkEvent<'EndpointReserved' | keyof typeof resourceEvents> =>
  event.type === 'EndpointReserved' || Object.hasOwn(resourceEvents, event.type)

/**
 * A claim is settled once the stream of its resource passes the expected revision: with the claimed events, or with others,
 * which void the claim.
 */
const fold = (draft: Draft<EndpointClaimsRows>, event: GuardedBy<typeof isFolded>): void => {
  const { type, stream } = event
  if (type === 'EndpointReserved') {
    const { claim, detour } = event.data
    return draft.put('open', stream, { stream, claim, ...(detour && { detour }) })
  }
  if (definitionOf(type).freesEndpoint) draft.remove('detours', stream)
  for (const endpoint of draft.keysWhere('open', 'resource', stream)) {
    const row = draft.get('open', endpoint)
    if (row === undefined || event.revision <= row.claim.expectedRevision) continue
    draft.remove('open', endpoint)
    if (row.detour !== undefined && row.claim.events[0]?.id === event.id) {
      const { namespace, name } = event.data
      draft.put('detours', stream, { namespace, name, detour: row.detour })
    }
  }
}

export const endpointClaims: Projection<EndpointClaimsRows> = {
  name: 'endpoint-claims',
  version: 3,
  tables: { open: { indexes: { resource: row => row.claim.stream } }, detours: {} },
  project: (state, event) => {
    if (!isFolded(event)) return NO_CHANGES
    const draft = new Draft(endpointClaims, state)
    fold(draft, event)
    return draft.changes
  },
}
