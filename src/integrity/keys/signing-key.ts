import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify as verifySignature,
} from 'node:crypto'
import { canonicalJson } from '../../../schemas/canonical-json.ts'

/** The DER prefix of an Ed25519 public key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const KEY_BYTES = 32
const ID_DIGITS = 16

const idOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, ID_DIGITS)

/** Ed25519 (RFC 8032). */
export class PublicKey {
  readonly #key: KeyObject
  readonly id: string
  /** 32 bytes in base64url. */
  readonly text: string

  constructor(key: KeyObject) {
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`must be an Ed25519 key, not ${key.asymmetricKeyType}`)
    this.#key = key.type === 'public' ? key : createPublicKey(key)
    const bytes = this.#key.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES)
    this.id = idOf(bytes)
    this.text = bytes.toString('base64url')
  }

  /** @param text a PEM, or 32 bytes in base64url */
  static read(text: string): PublicKey {
    const given = text.trim()
    if (given.startsWith('-----')) return new PublicKey(createPublicKey(given))
    const bytes = Buffer.from(given, 'base64url')
    if (bytes.length !== KEY_BYTES || !/^[\w-]{43}$/.test(given))
      throw new Error('must be an Ed25519 public key: PEM, or 32 bytes in base64url')
    return new PublicKey(createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' }))
  }

  get pem(): string {
    return this.#key.export({ type: 'spki', format: 'pem' }).toString()
  }

  verify(type: string, { signature, ...data }: { readonly signature: string }): boolean {
    const bytes = Buffer.from(signature, 'base64url')
    // Unused bits of the last character allow several texts; only one is accepted.
    if (bytes.toString('base64url') !== signature) return false
    return verifySignature(null, signedBytes(type, data), this.#key, bytes)
  }
}

/** A signature is valid for one type only. */
export const signedBytes = (type: string, data: object): Buffer => Buffer.from(canonicalJson({ data, type }))

export class SigningKey {
  readonly #key: KeyObject
  readonly public: PublicKey

  constructor(pem: string) {
    this.#key = createPrivateKey(pem)
    this.public = new PublicKey(this.#key)
  }

  static generate(): SigningKey {
    const { privateKey } = generateKeyPairSync('ed25519')
    return new SigningKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  }

  get pem(): string {
    return this.#key.export({ type: 'pkcs8', format: 'pem' }).toString()
  }

  sign<Data extends object>(type: string, data: Data): Data & { readonly keyId: string; readonly signature: string } {
    const signed = { ...data, keyId: this.public.id }
    return { ...signed, signature: sign(null, signedBytes(type, signed), this.#key).toString('base64url') }
  }
}
