import type { KeyData } from '../checkpoints/events.ts'
import { PublicKey } from './signing-key.ts'

/** What bears a signature. */
interface Signed {
  readonly keyId: string
  readonly signature: string
}

/**
 * The keys that signed a log, in their order, each vouched for by the one before it. Whoever trusts one trusts those after
 * it, and through what they signed, which covers the log from its beginning, what was before.
 */
export class KeyChain {
  readonly #keys: PublicKey[] = []
  /** From this one on they are trusted. */
  #trustedFrom: number

  readonly #trusted: PublicKey | undefined

  /** @param trusted the key that is known to be right; the first one of the log where none is */
  constructor(trusted: PublicKey | undefined) {
    this.#trusted = trusted
    this.#trustedFrom = trusted === undefined ? 0 : Number.POSITIVE_INFINITY
  }

  /** The one that signs now. */
  get current(): PublicKey | undefined {
    return this.#keys.at(-1)
  }

  /** Whether the one that signs now is trusted. */
  get isTrusted(): boolean {
    return this.#keys.length > this.#trustedFrom
  }

  /** Whether the one that is known to be right is among them. */
  get hasTrusted(): boolean {
    return this.#trusted === undefined || this.#keys.some(({ id }) => id === this.#trusted?.id)
  }

  /** Has another key sign. Answers what is wrong with that, in words. */
  introduce(data: KeyData): string | undefined {
    let key: PublicKey
    try {
      key = PublicKey.read(data.publicKey)
    } catch (error) {
      return `the key that it introduces cannot be read: ${(error as Error).message}`
    }
    const before = this.current
    const isSelfSigned = data.keyId === data.newKeyId
    const isGiven = key.id === this.#trusted?.id
    const by = isSelfSigned ? key : before
    if (key.id !== data.newKeyId) return `the key that it introduces is ${key.id}, not ${data.newKeyId}`
    if (by?.id !== data.keyId || !by.checks('SigningKeyIntroduced', data))
      return `its signature is not that of key ${data.keyId}`
    this.#keys.push(key)
    if (isGiven) this.#trustedFrom = this.#keys.length - 1
    if (before === undefined || !isSelfSigned || isGiven) return undefined
    this.#trustedFrom = Number.POSITIVE_INFINITY
    return `key ${key.id} signs from here on, and nobody vouches for it: where you trust it, give it with --public-key`
  }

  /** What is wrong with something that was signed, in words. */
  faultOf(type: string, data: Signed): string | undefined {
    const key = this.current
    if (key === undefined) return 'no key was introduced before it'
    if (key.id !== data.keyId) return `it is signed by key ${data.keyId}, and ${key.id} is the one that signs there`
    return key.checks(type, data) ? undefined : `its signature is not that of key ${key.id}`
  }
}
