import type { Figure } from './figure.ts'
import { memoryWith } from './process.ts'
import { inScratch } from './scratch.ts'

/** Resident memory of an engine with listeners. */
export const memory = (): Promise<Figure[]> =>
  inScratch(async folder => [
    {
      name: 'resident memory after 10,000 listeners',
      unit: 'MB',
      value: await memoryWith(folder, 10_000),
      bar: { at: 'most', of: 300 },
    },
  ])
