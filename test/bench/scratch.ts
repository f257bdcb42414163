import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs `work` with a temporary folder, on the disk of TMPDIR. */
export const inScratch = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'hark-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The rate per second of `count` items in the duration of `work`. */
export const rateOf = async (count: number, work: () => Promise<void> | void): Promise<number> => {
  const begin = performance.now()
  await work()
  return (count / (performance.now() - begin)) * 1000
}

/** The quantile of the samples. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5)

/** The medians of both, measured in turns, so that other load on the machine affects both. */
export const alternately = async (
  rounds: number,
  one: (round: number) => Promise<number>,
  other: (round: number) => Promise<number>,
): Promise<[number, number]> => {
  const [ones, others]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    ones.push(await one(round))
    others.push(await other(round))
  }
  return [median(ones), median(others)]
}

/** Runs jobs 0 to `count` - 1 with `callers` in parallel. */
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
