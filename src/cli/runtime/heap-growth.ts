import { setFlagsFromString } from 'node:v8'

/** Percent of the live heap by which it may grow before it is collected, as in bin/hark.js. */
const AT_REST = 15
/** With the other limit, collecting takes a third of a long catch-up. */
const CATCHING_UP = 50

/** V8's default, in place of the launcher's. */
const YOUNG_GROWTH_FACTOR = 2

export const allowYoungGrowth = (): void => setFlagsFromString(`--semi-space-growth-factor=${YOUNG_GROWTH_FACTOR}`)

const allow = (percent: number): void => setFlagsFromString(`--heap-growing-percent=${percent}`)

export const allowHeapGrowthUntil = async (caughtUp: Promise<unknown>): Promise<void> => {
  allow(CATCHING_UP)
  await caughtUp.catch(() => undefined)
  allow(AT_REST)
}
