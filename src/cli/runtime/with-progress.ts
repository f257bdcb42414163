import { Interrupted } from '../errors.ts'
import { Progress } from '../output/progress.ts'
import { shutdownSignal } from './shutdown-signal.ts'

export interface Work {
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number, events: number) => void
}

/** @throws Interrupted after Ctrl-C, if there is a message for it */
export const withProgress = async <T>(
  title: string,
  work: (options: Work) => Promise<T>,
  interrupted?: string,
): Promise<T> => {
  const [signal, progress] = [shutdownSignal(), new Progress(title)]
  const onProgress: Work['onProgress'] = (done, total, events) =>
    progress.show(done, total, { number: events, of: 'events' })
  try {
    return await work({ signal, onProgress })
  } catch (error) {
    throw signal.aborted && interrupted !== undefined ? new Interrupted(interrupted) : error
  } finally {
    progress.end()
  }
}
