import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Of the thread that runs this, as `PROCESS/task/THREAD`. */
const THREAD = '/proc/thread-self'
const LOW = 10

/** Gives this thread about a tenth of a processor that another thread wants as well. On Linux; without effect elsewhere. */
export const yieldToOtherThreads = (): void => {
  try {
    const id = Number(readlinkSync(THREAD).split('/').at(-1))
    if (id > 0) setPriority(id, LOW)
  } catch {
    // It runs like the others.
  }
}
