import { setTimeout as sleep } from 'node:timers/promises'

const RETRY_MS = 50

/**
 * Calls `listen` again while it fails with EADDRINUSE: another program may have taken a port that was closed a moment ago,
 * and soon be done with it.
 */
export const retryWhilePortInUse = async <T>(listen: () => Promise<T>, withinMs = 10_000): Promise<T> => {
  const end = performance.now() + withinMs
  for (;;) {
    try {
      return await listen()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || performance.now() > end) throw error
      await sleep(RETRY_MS)
    }
  }
}
