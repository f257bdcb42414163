import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freshFileOf } from '../../../src/engine/read-models/persistence/database.ts'
import { Rebuild } from '../../../src/engine/rebuild/rebuild.ts'
import type { Rebuilder } from '../../../src/engine/rebuild/types.ts'
import { connectLocally } from '../../../src/lib/worker-rpc.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { until } from '../../support/test-engine.ts'

type Parts = ConstructorParameters<typeof Rebuild>[0]

const BUILDING: Partial<Rebuilder> = { advance: async () => ({ position: 1, isThere: false }) }

/** A rebuild of an engine at position 2, by a rebuilder that has only some methods. */
const started = async (
  stack: AsyncDisposableStack,
  { rebuilder = BUILDING, ...given }: { readonly rebuilder?: Partial<Rebuilder> } & Partial<Parts>,
) => {
  const folder = stack.use(await scratchFolder())
  const file = join(folder.path, 'read-models.db')
  const ended = Promise.withResolvers<void>()
  const rebuild = new Rebuild({
    file,
    models: { rebuilding: [], projectedTo: { position: 2, lastEvent: undefined } },
    projector: { ready: true },
    logger: silentLogger,
    maintenance: { write: async () => {} },
    connectRebuilder: () => {
      writeFileSync(freshFileOf(file), '')
      return { ...connectLocally<Rebuilder>(() => rebuilder), end: async () => ended.resolve() }
    },
    ...given,
  } as Parts)
  stack.defer(() => rebuild.close())
  return { rebuild, ended: ended.promise, files: () => readdir(folder.path) }
}

const BEGIN = { compares: false }

describe('a rebuild', () => {
  it('ends if its caller has gone', async () => {
    await using stack = new AsyncDisposableStack()
    const { rebuild, ended, files } = await started(stack, { abandonedMs: 1 })
    const { next, done, total } = await rebuild.slice(BEGIN)
    assert.deepEqual([done, total], [1, 2])
    await ended
    await until(() => !rebuild.isRunning)
    assert.deepEqual(await files(), [])
    await assert.rejects(rebuild.slice({ ...BEGIN, after: next }), { code: 'BAD_USER_INPUT' })
  })

  it('ends if its thread fails, without internals in the error', async () => {
    await using stack = new AsyncDisposableStack()
    const advance = () => Promise.reject(new Error('secret'))
    const { rebuild, files } = await started(stack, { rebuilder: { advance } })
    await assert.rejects(rebuild.slice(BEGIN), {
      code: 'UNAVAILABLE',
      message: 'the rebuild has failed, see the log of the engine; the read models stay as they are',
    })
    assert.equal(rebuild.isRunning, false)
    assert.deepEqual(await files(), [])
  })

  it('reports what SQLite could not write', async () => {
    await using stack = new AsyncDisposableStack()
    const advance = () => Promise.reject(Object.assign(new Error('database or disk is full'), { errcode: 13 }))
    const { rebuild } = await started(stack, { rebuilder: { advance } })
    await assert.rejects(
      rebuild.slice(BEGIN),
      /could not be written or read: database or disk is full; the read models stay/,
    )
  })

  it('rejects the request that it was cancelled during', async () => {
    await using stack = new AsyncDisposableStack()
    const cut = Promise.withResolvers<never>()
    const { rebuild } = await started(stack, {
      connectRebuilder: () => ({
        ...connectLocally<Rebuilder>(() => ({ advance: () => cut.promise })),
        end: async () => cut.reject(new Error('the thread has ended')),
      }),
    })
    const slice = rebuild.slice(BEGIN)
    await Promise.all([rebuild.cancel(), assert.rejects(slice, { message: 'the rebuild was cancelled' })])
  })

  it('is rejected while read models of another version are built, and after they have stopped', async () => {
    await using stack = new AsyncDisposableStack()
    const starting = await started(stack, { projector: { ready: false } as Parts['projector'] })
    await assert.rejects(starting.rebuild.slice(BEGIN), { code: 'UNAVAILABLE', message: /try again later/ })
    const stopped = await started(stack, { projector: { ready: false, stopped: new Error() } as never })
    await assert.rejects(stopped.rebuild.slice(BEGIN), { code: 'UNAVAILABLE', message: /have stopped: restart/ })
    const offline = await started(stack, { connectRebuilder: undefined })
    await assert.rejects(offline.rebuild.slice(BEGIN), { code: 'UNAVAILABLE' })
  })
})
