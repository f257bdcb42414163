export interface Finding {
  readonly place: string
  readonly fault: string
}

/** A signature, key or proof is invalid. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError'
}
