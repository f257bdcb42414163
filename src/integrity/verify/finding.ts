/** What is wrong, and where. */
export interface Finding {
  readonly place: string
  readonly fault: string
}

/** Something signed is not valid; the message says why. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError'
}
