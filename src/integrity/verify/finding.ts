import { type EventLocation, placeText } from '../../event-store/event-store.ts'

/** What is wrong, and where. */
export interface Finding {
  readonly place: string
  readonly fault: string
}

export const placeOf = ({ position, stream, revision }: EventLocation): string =>
  placeText({ position, stream, revision })
