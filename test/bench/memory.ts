import type { Figure } from './figure.ts'
import { memoryUnderCommands, memoryWith } from './process.ts'
import { inScratch, median } from './scratch.ts'

const PER_SECOND = 300
const SECONDS = 600
const SAMPLES = 3

const medianWith = async (listeners: number): Promise<number> => {
  const samples: number[] = []
  for (let sample = 0; sample < SAMPLES; sample += 1)
    samples.push(await inScratch(folder => memoryWith(folder, listeners)))
  return median(samples)
}

/** Resident memory of an engine: with nothing, with listeners, and after commands at a steady rate. */
export const memory = async (): Promise<Figure[]> => {
  const { before, after } = await inScratch(folder => memoryUnderCommands(folder, 10_000, PER_SECOND, SECONDS))
  return [
    {
      name: 'resident memory, started on nothing',
      unit: 'MB',
      value: await medianWith(0),
      bar: { at: 'most', of: 120 },
    },
    {
      name: 'resident memory after 10,000 listeners',
      unit: 'MB',
      value: await medianWith(10_000),
      bar: { at: 'most', of: 240 },
    },
    {
      name: 'resident memory after ten minutes of 300 commands a second, 10,000 listeners',
      unit: 'MB',
      value: after,
      against: { name: 'before', value: before },
      bar: { at: 'most', of: 1.3 },
    },
  ]
}
