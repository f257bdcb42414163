import { existsSync, readFileSync } from 'node:fs'
import { KeyFiles } from '../../audit/key-files.ts'
import { PublicKey } from '../../audit/signing-key.ts'
import { Failure } from '../failure.ts'

/** @throws Failure where the file holds no public key */
export const publicKeyIn = (file: string): PublicKey => {
  try {
    return PublicKey.read(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Failure(`${file} holds no public key of Ed25519: ${(error as Error).message}`)
  }
}

/** The key that signs in a data folder, as far as it can be seen: who verifies need not be who signs. */
export const keyInFolder = (folder: string): PublicKey | undefined => {
  const keys = new KeyFiles(folder)
  try {
    const key = keys.read()
    if (key !== undefined) return key.public
  } catch {
    // It is not for this user to read; what stands beside it is.
  }
  return existsSync(keys.publicKeyFile) ? publicKeyIn(keys.publicKeyFile) : undefined
}
