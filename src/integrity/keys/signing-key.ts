import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { canonicalJson } from '../../../schemas/canonical-json.ts'

/** The beginning of every Ed25519 public key in DER (RFC 8410): its 32 bytes follow. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const KEY_BYTES = 32
const ID_DIGITS = 16

/** What tells keys apart: the first 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes. */
const idOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, ID_DIGITS)

/** Checks signatures of Ed25519 (RFC 8032). */
export class PublicKey {
  readonly #key: KeyObject
  readonly id: string
  /** Its 32 bytes in base64url. */
  readonly text: string

  constructor(key: KeyObject) {
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of ${key.asymmetricKeyType}, not of Ed25519`)
    this.#key = key.type === 'public' ? key : createPublicKey(key)
    const bytes = this.#key.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES)
    this.id = idOf(bytes)
    this.text = bytes.toString('base64url')
  }

  /**
   * @param text a PEM, or the 32 bytes in base64url
   * @throws Error where it is neither
   */
  static read(text: string): PublicKey {
    const given = text.trim()
    if (given.startsWith('-----')) return new PublicKey(createPublicKey(given))
    const bytes = Buffer.from(given, 'base64url')
    if (bytes.length !== KEY_BYTES || !/^[\w-]{43}$/.test(given)) throw new Error('it is no public key of Ed25519')
    return new PublicKey(createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' }))
  }

  get pem(): string {
    return this.#key.export({ type: 'spki', format: 'pem' }).toString()
  }

  checks(type: string, { signature, ...data }: { readonly signature: string }): boolean {
    const bytes = Buffer.from(signature, 'base64url')
    // Its last character has bits that mean nothing: one signature is to have one text.
    if (bytes.toString('base64url') !== signature) return false
    return verify(null, signedBytes(type, data), this.#key, bytes)
  }
}

/** What a signature is over: the type says what it was given for, so that it stands for nothing else. */
const signedBytes = (type: string, data: object): Buffer => Buffer.from(canonicalJson({ data, type }))

/** Signs with Ed25519. */
export class SigningKey {
  readonly #key: KeyObject
  readonly public: PublicKey

  /** @throws Error where it is no private key of Ed25519 */
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

  /** The data of an event of this type, signed. */
  sign<Data extends object>(type: string, data: Data): Data & { readonly keyId: string; readonly signature: string } {
    const signed = { ...data, keyId: this.public.id }
    return { ...signed, signature: sign(null, signedBytes(type, signed), this.#key).toString('base64url') }
  }
}
