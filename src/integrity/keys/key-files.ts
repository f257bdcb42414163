import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PUBLIC, writeFileAtomic } from '../../lib/write-file-atomic.ts'
import { SigningKey } from './signing-key.ts'

const KEY_FILE = 'signing-key.pem'
/** A key that replaces the other once the log has its introduction. */
const NEXT_KEY_FILE = 'signing-key.next.pem'
const PUBLIC_KEY_FILE = 'signing-key.pub.pem'

const GROUP_AND_OTHERS = 0o077

/** The signing key in a folder: the private one with mode 600, the public one beside it. */
export class KeyFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  get publicKeyFile(): string {
    return join(this.#folder, PUBLIC_KEY_FILE)
  }

  /**
   * Returns the signing key; undefined if there is none.
   *
   * @param currentId of the key that signs the log: if it waits in its file, it replaces the other one
   * @throws Error if it cannot be read, is not an Ed25519 key, or others may read it
   */
  read(currentId?: string): SigningKey | undefined {
    const key = this.#read(KEY_FILE)
    if (currentId === undefined || key?.public.id === currentId) return key
    const next = this.#read(NEXT_KEY_FILE)
    if (next?.public.id !== currentId) return key
    renameSync(join(this.#folder, NEXT_KEY_FILE), join(this.#folder, KEY_FILE))
    this.publish(next)
    return next
  }

  /** Writes the public key, unless it is there. */
  publish({ public: { pem } }: SigningKey): void {
    if (!existsSync(this.publicKeyFile) || readFileSync(this.publicKeyFile, 'utf8') !== pem)
      writeFileAtomic(this.publicKeyFile, pem, PUBLIC)
  }

  /** Creates the first key. */
  create(): SigningKey {
    const key = SigningKey.generate()
    writeFileAtomic(join(this.#folder, KEY_FILE), key.pem)
    this.publish(key)
    return key
  }

  /** Creates a key that replaces the current one later: see `read`. */
  createNext(): SigningKey {
    const key = SigningKey.generate()
    writeFileAtomic(join(this.#folder, NEXT_KEY_FILE), key.pem)
    return key
  }

  #read(name: string): SigningKey | undefined {
    const file = join(this.#folder, name)
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined) return undefined
    if ((found.mode & GROUP_AND_OTHERS) !== 0)
      throw new Error(`${file} can be read by other users: restrict it with chmod 600, or make another key`)
    try {
      return new SigningKey(readFileSync(file, 'utf8'))
    } catch (error) {
      throw new Error(`${file} must contain an Ed25519 private key: ${(error as Error).message}`)
    }
  }
}
