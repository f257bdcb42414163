import { lastPosition } from '../../src/event-store/last-event.ts'
import { RunningHark } from '../support/running-hark.ts'
import { withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { residentMegabytes, timeToReady } from './process.ts'
import { inParallel, inScratch, percentile } from './scratch.ts'
import { CALLER, runAt } from './workload.ts'

const CALLERS = 64
const STARTS = 5

const EVENTS = 1_000_000
const LISTENERS = 10_000

/** A start with a long log that the read models have projected. */
export const longLog = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await withEngine(folder, async ({ engine, store }) => {
      let commands = 0
      for (let events = 0; events < EVENTS; events = await lastPosition(store)) {
        const count = Math.max(LISTENERS, EVENTS - events)
        await inParallel(CALLERS, count, index => runAt(engine, LISTENERS, commands + index))
        commands += count
      }
    })
    const ready = await timeToReady(folder, STARTS)
    const readyWithNone = await inScratch(empty => timeToReady(empty, STARTS))
    return [
      {
        name: 'start to ready, 1,000,000 events projected',
        unit: 'ms',
        value: ready,
        against: { name: 'start to ready with none', value: readyWithNone },
        bar: { at: 'most', of: 1.3 },
      },
    ]
  })

const MANY_LISTENERS = 100_000
const NAMESPACES = 1_000
const PAGE = 100

const createAt = (index: number) => {
  const name = `listener-${index}`
  const settings = { observer: 'auto' as const }
  const spec = { routingKey: name, host: name, port: 8080, type: 'tcp', exposePodsByName: false, settings }
  return { type: 'CreateListener', namespace: `bench-${index % NAMESPACES}`, name, spec } as const
}

/** An engine with many listeners in many namespaces: pages, start and memory. */
export const manyListeners = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const times = await withEngine(folder, async ({ engine }) => {
      await inParallel(CALLERS, MANY_LISTENERS, index => engine.execute(createAt(index), { caller: CALLER }))
      const times: number[] = []
      for (let after: string | undefined; ; ) {
        const begin = performance.now()
        const { rows, hasNextPage } = engine.read.resources('Listener', {}, { first: PAGE, ...(after && { after }) })
        times.push(performance.now() - begin)
        if (!hasNextPage) return times
        after = rows.at(-1)?.cursor
      }
    })
    if (times.length !== MANY_LISTENERS / PAGE) throw new Error(`there are ${times.length} pages`)
    const start = await timeToReady(folder, STARTS)
    await using hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    return [
      {
        name: 'a page of 100 of 100,000 listeners in 1,000 namespaces, p99',
        unit: 'ms',
        value: percentile(times, 0.99),
        bar: { at: 'most', of: 5 },
      },
      { name: 'start to ready with 100,000 listeners', unit: 'ms', value: start, bar: { at: 'most', of: 5000 } },
      {
        name: 'resident memory after a start with 100,000 listeners',
        unit: 'MB',
        value: await residentMegabytes(hark),
        bar: { at: 'most', of: 1200 },
      },
    ]
  })
