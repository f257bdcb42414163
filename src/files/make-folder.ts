import { mkdir } from 'node:fs/promises'

/**
 * Makes a folder, with all above it, where it is not there.
 *
 * @throws Error that names the folder and says why it cannot be made
 */
export const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reasons: Record<string, string> = {
      EACCES: 'this user may not write there',
      EROFS: 'the disk is read-only',
      ENOSPC: 'the disk is full',
      ENOTDIR: 'what is above it is no folder',
      EEXIST: 'there is a file of that name',
    }
    throw new Error(`the folder ${folder} cannot be made: ${reasons[code ?? ''] ?? message}`)
  }
}
