import { open, rm } from 'node:fs/promises'

const PRIVATE = 0o600

/** @throws Error if there is such a file, which stays, or if it cannot be written: then there is none */
export const writeNewFile = async (file: string, content: Uint8Array): Promise<void> => {
  const handle = await open(file, 'wx', PRIVATE).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`${file} exists already`) : error
  })
  try {
    await handle.writeFile(content)
  } catch (error) {
    await rm(file, { force: true })
    throw new Error(`${file} cannot be written: ${(error as Error).message}`, { cause: error })
  } finally {
    await handle.close()
  }
}
