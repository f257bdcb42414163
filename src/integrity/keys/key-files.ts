import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PUBLIC, writeFileAtomic } from '../../lib/files/write-file-atomic.ts'
import { SigningKey } from './signing-key.ts'

const KEY_FILE = 'signing-key.pem'
/** Replaces the current key after its introduction in the log. */
const NEXT_KEY_FILE = 'signing-key.next.pem'
const PUBLIC_KEY_FILE = 'signing-key.pub.pem'

const GROUP_AND_OTHERS = 0o077

export class KeyFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  get publicKeyFile(): string {
    return join(this.#folder, PUBLIC_KEY_FILE)
  }

  /**
   * @param currentId the key that signs the log; if it is the next key, it replaces the current file
   * @throws Error if the key is unreadable, readable by other users, or not Ed25519
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

  publish({ public: { pem } }: SigningKey): void {
    if (!existsSync(this.publicKeyFile) || readFileSync(this.publicKeyFile, 'utf8') !== pem)
      writeFileAtomic(this.publicKeyFile, pem, PUBLIC)
  }

  create(): SigningKey {
    const key = SigningKey.generate()
    writeFileAtomic(join(this.#folder, KEY_FILE), key.pem)
    this.publish(key)
    return key
  }

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
