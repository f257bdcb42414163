import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Settings } from '../../../config/load.ts'
import { CHECKPOINTS_FILE } from '../../../integrity/checkpoints/checkpointer.ts'
import { KeyFiles } from '../../../integrity/keys/key-files.ts'
import { PublicKey } from '../../../integrity/keys/signing-key.ts'
import { decodeUtf8 } from '../../../lib/utf8.ts'
import { CliError } from '../../errors.ts'
import type { StoreFlags } from '../../runtime/with-store.ts'

export const publicKeyIn = (file: string): PublicKey => {
  try {
    return PublicKey.read(decodeUtf8(readFileSync(file)))
  } catch (error) {
    throw new CliError(`${file} must contain an Ed25519 public key: ${(error as Error).message}`, undefined, error)
  }
}

/** A user who verifies may not read the private key. */
export const keyInFolder = (folder: string): PublicKey | undefined => {
  const keys = new KeyFiles(folder)
  try {
    const key = keys.read()
    if (key !== undefined) return key.public
  } catch {
    // Another user may own the private key.
  }
  return existsSync(keys.publicKeyFile) ? publicKeyIn(keys.publicKeyFile) : undefined
}

/** Prefers the folder of a named store file, if it holds a key or checkpoints. */
export const keyFolder = ({ data, store: named }: StoreFlags, settings: Settings): string => {
  if (data !== undefined || named === undefined || settings.store.kind !== 'sqlite') return settings.data
  const beside = dirname(settings.store.file)
  const hasAny = existsSync(new KeyFiles(beside).publicKeyFile) || existsSync(join(beside, CHECKPOINTS_FILE))
  return hasAny ? beside : settings.data
}
