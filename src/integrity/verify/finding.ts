export interface Finding {
  readonly place: string
  readonly fault: string
}

export class VerificationError extends Error {
  override readonly name = 'VerificationError'
}
