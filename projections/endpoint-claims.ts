import type { Detour, EventData, HarkEvent } from '../schemas/events/events.ts'
import { Draft } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'

/** A claim to a host and port whose append has not been seen yet. */
export interface OpenClaim {
  readonly stream: string
  readonly claim: EventData<'EndpointReserved'>['claim']
  readonly detour?: Detour
}

/** A listener that has made way for others and has not gone on yet. */
export interface OpenDetour {
  readonly namespace: string
  readonly name: string
  readonly detour: Detour
}

export interface EndpointClaimsRows {
  /** By the stream of the endpoint. */
  readonly open: OpenClaim
  /** By the stream of the listener. */
  readonly detours: OpenDetour
}

const ENDS_DETOUR: readonly HarkEvent['type'][] = ['HostUpdated', 'PortUpdated', 'ListenerDeleted']

/**
 * Claims that were made and not yet settled. A claim is settled as soon as its resource's stream is past the revision it
 * was made for: the events there are its own, or somebody else's and the claim is void.
 */
const fold = (draft: Draft<EndpointClaimsRows>, event: HarkEvent): void => {
  if (event.type === 'EndpointReserved') {
    const { claim, detour } = event.data
    return draft.put('open', event.stream, { stream: event.stream, claim, ...(detour && { detour }) })
  }
  if (ENDS_DETOUR.includes(event.type) && draft.get('detours', event.stream) !== undefined)
    draft.remove('detours', event.stream)
  for (const endpoint of draft.keysWhere('open', 'resource', event.stream)) {
    const row = draft.get('open', endpoint)
    if (row === undefined || event.revision <= row.claim.expectedRevision) continue
    draft.remove('open', endpoint)
    if (row.detour !== undefined && row.claim.events[0]?.id === event.id) {
      const { namespace, name } = event.data as { readonly namespace: string; readonly name: string }
      draft.put('detours', event.stream, { namespace, name, detour: row.detour })
    }
  }
}

/** Claims and detours that were begun and may need somebody to finish them. */
export const endpointClaims: Projection<EndpointClaimsRows> = {
  name: 'endpoint-claims',
  version: 2,
  tables: { open: { indexes: { resource: row => row.claim.stream } }, detours: {} },
  project: (state, event) => {
    const draft = new Draft(endpointClaims, state)
    fold(draft, event)
    return draft.changes
  },
}
