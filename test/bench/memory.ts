import type { Figure } from './figure.ts'
import { memoryUnderCommands, memoryWith } from './process.ts'
import { inScratch } from './scratch.ts'

const PER_SECOND = 300
const SECONDS = 120

/** Resident memory of an engine: with nothing, with listeners, and after commands at a steady rate. */
export const memory = async (): Promise<Figure[]> => {
  const { before, after } = await inScratch(folder => memoryUnderCommands(folder, 10_000, PER_SECOND, SECONDS))
  return [
    {
      name: 'resident memory, started on nothing',
      unit: 'MB',
      value: await inScratch(folder => memoryWith(folder, 0)),
      bar: { at: 'most', of: 120 },
    },
    {
      name: 'resident memory after 10,000 listeners',
      unit: 'MB',
      value: await inScratch(folder => memoryWith(folder, 10_000)),
      bar: { at: 'most', of: 300 },
    },
    {
      name: 'resident memory after two minutes of 300 commands a second, 10,000 listeners',
      unit: 'MB',
      value: after,
      against: { name: 'before', value: before },
      bar: { at: 'most', of: 1.3 },
    },
  ]
}
