const BUSY = 5
const READ_ONLY = 8
const IO_ERROR = 10
const CORRUPT = 11
const FULL = 13
const NOT_A_DATABASE = 26

/** The lowest byte of an extended code is the primary code. */
const codeOf = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) & 0xff

export const isBusy = (error: unknown): boolean => codeOf(error) === BUSY

export const isCorrupt = (error: unknown): boolean => [CORRUPT, NOT_A_DATABASE].includes(codeOf(error))

/** Omits the path of the file. */
export const describeError = (error: unknown): string => {
  switch (codeOf(error)) {
    case FULL:
      return 'the disk is full'
    case READ_ONLY:
      return 'the disk, or the file, is read-only'
    case IO_ERROR:
      return 'the disk reports an error; it may be full or read-only'
    case CORRUPT:
    case NOT_A_DATABASE:
      return 'the file is damaged'
    default:
      return (error as Error).message
  }
}
