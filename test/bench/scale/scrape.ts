import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { applyListeners, atRest, memoryOf } from '../process.ts'
import { inScratch, percentile } from '../scratch.ts'

const LISTENERS = 10_000
const SCRAPES = 200
const WARM_UP = 20

const scrapeOnce = async ({ url }: RunningHark): Promise<number> => {
  const begin = performance.now()
  const response = await fetch(`${url}/metrics`)
  await response.text()
  if (!response.ok) throw new Error(`/metrics returned ${response.status}`)
  return performance.now() - begin
}

/** Milliseconds of scrapes, and the megabytes by which the engine's peak exceeds what it had before. */
const scrapesOf = async (hark: RunningHark) => {
  for (let scrape = 0; scrape < WARM_UP; scrape += 1) await scrapeOnce(hark)
  const before = await memoryOf(hark.pid)
  const times: number[] = []
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) times.push(await scrapeOnce(hark))
  const { most } = await memoryOf(hark.pid)
  return { times, memory: Math.max(0, most - before.now) }
}

const figuresOf = async (folder: string, named: number): Promise<Figure[]> => {
  await using hark = await RunningHark.start(['--data', folder, '--listener-metrics', `${named}`])
  await atRest(hark)
  const { times, memory } = await scrapesOf(hark)
  const what = `10,000 listeners, ${named.toLocaleString('en-US')} of them by name`
  const time = (share: number) => percentile(times, share)
  return [
    { name: `a scrape of ${what}, p50`, unit: 'ms', value: time(0.5), bar: { at: 'most', of: 50 } },
    { name: `a scrape of ${what}, p99`, unit: 'ms', value: time(0.99), bar: { at: 'most', of: 250 } },
    { name: `memory that 200 scrapes take, ${what}`, unit: 'MB', value: memory, bar: { at: 'most', of: 100 } },
  ]
}

/** Scrapes of the metrics of many listeners: as many by name as by default, and as many as possible. */
export const scrape = (): Promise<Figure[]> =>
  inScratch(async folder => {
    {
      await using hark = await RunningHark.start(['--data', folder])
      await hark.ready()
      await applyListeners(hark, LISTENERS)
      await hark.stop()
    }
    return [...(await figuresOf(folder, 1_000)), ...(await figuresOf(folder, 3_000))]
  })
