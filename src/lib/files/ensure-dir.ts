import { statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'

const PRIVATE = 0o700
const OTHERS = 0o077

export const isOpenToOthers = (folder: string): boolean => (statSync(folder).mode & OTHERS) !== 0

export const ensureDir = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: PRIVATE })
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
