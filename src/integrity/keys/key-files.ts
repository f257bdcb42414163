import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PUBLIC, replaceFile } from '../../lib/write-file-atomic.ts'
import { SigningKey } from './signing-key.ts'

const KEY_FILE = 'signing-key.pem'
/** A key that is about to be introduced: it takes the place of the other once that is in the log. */
const NEXT_KEY_FILE = 'signing-key.next.pem'
const PUBLIC_KEY_FILE = 'signing-key.pub.pem'

const OTHERS = 0o077

/** The key that signs the log, in a folder: the private one for its owner alone, the public one beside it. */
export class KeyFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  get publicKeyFile(): string {
    return join(this.#folder, PUBLIC_KEY_FILE)
  }

  /**
   * The key that signs; undefined where there is none.
   *
   * @param currentId that of the key that the log says signs now: one that waited for it takes its place
   * @throws Error where it cannot be read, is none, or others may read it
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

  /** Puts the public half beside a key, where it is not there or is that of another. */
  publish({ public: { pem } }: SigningKey): void {
    if (!existsSync(this.publicKeyFile) || readFileSync(this.publicKeyFile, 'utf8') !== pem)
      replaceFile(this.publicKeyFile, pem, PUBLIC)
  }

  /** Makes the first key. */
  create(): SigningKey {
    const key = SigningKey.generate()
    replaceFile(join(this.#folder, KEY_FILE), key.pem)
    this.publish(key)
    return key
  }

  /** Makes a key that signs once the log says so: see `read`. */
  createNext(): SigningKey {
    const key = SigningKey.generate()
    replaceFile(join(this.#folder, NEXT_KEY_FILE), key.pem)
    return key
  }

  #read(name: string): SigningKey | undefined {
    const file = join(this.#folder, name)
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined) return undefined
    if ((found.mode & OTHERS) !== 0)
      throw new Error(`${file} may be read by others: take that from them (chmod 600), or make another key`)
    try {
      return new SigningKey(readFileSync(file, 'utf8'))
    } catch (error) {
      throw new Error(`${file} holds no private key of Ed25519: ${(error as Error).message}`)
    }
  }
}
