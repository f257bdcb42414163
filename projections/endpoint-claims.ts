import type { EventData, HarkEvent } from '../schemas/events.ts'
import { Draft } from './draft.ts'
import type { Projection } from './projection.ts'

/** A claim to a host and port whose append has not been seen yet. */
export interface OpenClaim {
  readonly stream: string
  readonly claim: EventData<'EndpointReserved'>['claim']
}

export interface EndpointClaimsRows {
  /** By the stream of the endpoint. */
  readonly open: OpenClaim
}

/**
 * Claims that were made and not yet settled. A claim is settled as soon as its resource's stream is past the revision it
 * was made for: the events there are its own, or somebody else's and the claim is void.
 */
const fold = (draft: Draft<EndpointClaimsRows>, event: HarkEvent): void => {
  if (event.type === 'EndpointReserved')
    return draft.put('open', event.stream, { stream: event.stream, claim: event.data.claim })
  for (const endpoint of draft.keysWhere('open', 'resource', event.stream)) {
    const row = draft.get('open', endpoint)
    if (row !== undefined && event.revision > row.claim.expectedRevision) draft.remove('open', endpoint)
  }
}

/** Claims that were begun and may need somebody to finish them. */
export const endpointClaims: Projection<EndpointClaimsRows> = {
  name: 'endpoint-claims',
  version: 1,
  tables: { open: { indexes: { resource: row => row.claim.stream } } },
  project: (state, event) => {
    const draft = new Draft(endpointClaims, state)
    fold(draft, event)
    return draft.changes
  },
}
