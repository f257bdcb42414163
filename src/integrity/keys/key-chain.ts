import type { KeyData } from '../checkpoints/events.ts'
import { VerificationError } from '../verify/finding.ts'
import { PublicKey } from './signing-key.ts'

interface Signed {
  readonly keyId: string
  readonly signature: string
}

/** Each key introduces the next. Trust extends to later keys, and through checkpoints to earlier events. */
export class KeyChain {
  readonly #keys: PublicKey[] = []
  readonly #trusted: PublicKey | undefined
  #trustedFrom: number

  /** @param trusted by default, the first key of the log */
  constructor(trusted: PublicKey | undefined) {
    this.#trusted = trusted
    this.#trustedFrom = trusted === undefined ? 0 : Number.POSITIVE_INFINITY
  }

  get current(): PublicKey | undefined {
    return this.#keys.at(-1)
  }

  get isTrusted(): boolean {
    return this.#keys.length > this.#trustedFrom
  }

  get hasTrusted(): boolean {
    return this.#trusted === undefined || this.#keys.some(({ id }) => id === this.#trusted?.id)
  }

  /**
   * A self-signed replacement becomes current nevertheless.
   *
   * @throws VerificationError if the introduction is invalid
   */
  introduce(data: KeyData): void {
    const key = readKey(data.publicKey)
    const isSelfSigned = data.keyId === data.newKeyId
    const previous = this.current
    const signer = isSelfSigned ? key : previous
    if (key.id !== data.newKeyId)
      throw new VerificationError(`the key that it introduces is ${key.id}, not ${data.newKeyId}`)
    if (signer?.id !== data.keyId || !signer.verify('SigningKeyIntroduced', data))
      throw new VerificationError(`its signature is not that of key ${data.keyId}`)
    this.#keys.push(key)
    const isGiven = key.id === this.#trusted?.id
    if (isGiven) this.#trustedFrom = this.#keys.length - 1
    if (previous === undefined || !isSelfSigned || isGiven) return
    this.#trustedFrom = Number.POSITIVE_INFINITY
    throw new VerificationError(
      `key ${key.id} was introduced without a signature of key ${previous.id}: if you trust it, pass it with --public-key`,
    )
  }

  /** @throws VerificationError if the current key did not sign the data */
  verify(type: string, data: Signed): void {
    const key = this.current
    if (key === undefined) throw new VerificationError('no key was introduced before it')
    if (key.id !== data.keyId)
      throw new VerificationError(`it is signed by key ${data.keyId}, but the current key is ${key.id}`)
    if (!key.verify(type, data)) throw new VerificationError(`its signature is not that of key ${key.id}`)
  }
}

const readKey = (text: string): PublicKey => {
  try {
    return PublicKey.read(text)
  } catch (error) {
    throw new VerificationError(`the key that it introduces cannot be read: ${(error as Error).message}`)
  }
}
