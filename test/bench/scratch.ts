import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs `work` with a folder of its own; TMPDIR says on which disk. */
export const inScratch = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'hark-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** So many a second: `count` things in what `work` takes. */
export const rateOf = async (count: number, work: () => Promise<void> | void): Promise<number> => {
  const begin = performance.now()
  await work()
  return (count / (performance.now() - begin)) * 1000
}

/** The value below which a share of the samples lie. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
}

/** `callers` at once take jobs 0 to `count` - 1, each the next one when it is done with its last. */
export const inParallel = async (
  callers: number,
  count: number,
  job: (index: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0
  const call = async (): Promise<void> => {
    while (next < count) await job(next++)
  }
  await Promise.all(Array.from({ length: callers }, call))
}
