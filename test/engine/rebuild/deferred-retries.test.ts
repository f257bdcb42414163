import assert from 'node:assert/strict'
import { it } from 'node:test'
import { unavailable } from '../../../schemas/errors.ts'
import type { Recorder } from '../../../src/engine/history/recorder.ts'
import type { Projector } from '../../../src/engine/read-models/projector.ts'
import { DeferredHistory } from '../../../src/engine/rebuild/deferred-history.ts'
import type { RebuildRequest, RebuildSlice } from '../../../src/engine/rebuild/types.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'

const ATTEMPTS = 9
const SLICE: RebuildSlice = {
  done: 1,
  total: 2,
  replacedAt: undefined,
  differences: [],
  differenceCount: 0,
  next: 'next',
}

/** The pauses, in seconds, between attempts that fail at the second slice, or at the first one if they cannot begin. */
const pausesOf = async (cannotBegin: (attempt: number) => boolean): Promise<readonly number[]> => {
  const pauses: number[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const slice = async ({ after }: RebuildRequest): Promise<RebuildSlice> => {
    if (after === undefined && !cannotBegin(pauses.length)) return SLICE
    throw unavailable('the disk is full')
  }
  const history = new DeferredHistory({
    models: { position: 0 },
    recorder: { isDeferred: true } as Recorder,
    projector: { whenReady: async () => undefined } as Projector,
    rebuild: { slice },
    logger: silentLogger,
    timeoutMs: 1,
    mostNoted: 1,
    pause: async milliseconds => {
      if (pauses.push(milliseconds / 1000) < ATTEMPTS) return
      history.close()
      end()
    },
  })
  await ended
  return pauses
}

it('the history of a long log › is tried less often the more attempts fail midway', async () => {
  assert.deepEqual(await pausesOf(() => false), [20, 40, 80, 160, 320, 600, 600, 600, 600])
})

it('the history of a long log › is tried soon after an attempt that could not begin', async () => {
  assert.deepEqual(await pausesOf(attempt => attempt >= 3), [20, 40, 80, 10, 10, 10, 10, 10, 10])
})
