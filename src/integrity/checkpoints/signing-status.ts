/** How the signing of a log goes. */
export interface SigningStatus {
  /** What is new is signed here; else it waits until it is, or somebody has looked. */
  readonly isSigning: boolean
  /** When the newest checkpoint that is known was signed, RFC 3339; undefined where none is. */
  readonly signedAt: string | undefined
}
