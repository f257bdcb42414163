import { RunningHark } from '../../support/running-hark.ts'
import { withEngine } from '../engine.ts'
import type { Figure } from '../figure.ts'
import { memoryOf, signWholeLog, timesToReady } from '../process.ts'
import { inParallel, inScratch, percentile } from '../scratch.ts'
import { CALLER } from '../workload.ts'

const CALLERS = 64

const LISTENERS = 100_000
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
      await inParallel(CALLERS, LISTENERS, index => engine.execute(createAt(index), { caller: CALLER }))
      const times: number[] = []
      for (let after: string | undefined; ; ) {
        const begin = performance.now()
        const { rows, hasNextPage } = engine.read.resources('Listener', {}, { first: PAGE, ...(after && { after }) })
        times.push(performance.now() - begin)
        if (!hasNextPage) return times
        after = rows.at(-1)?.cursor
      }
    })
    if (times.length !== LISTENERS / PAGE) throw new Error(`there are ${times.length} pages`)
    await signWholeLog(folder)
    const [start] = await timesToReady(folder)
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
        value: (await memoryOf(hark.pid)).now,
        bar: { at: 'most', of: 1200 },
      },
    ]
  })
