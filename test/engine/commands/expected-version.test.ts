import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPosition } from '../../../schemas/events/recorded-event.ts'
import { createListener, deleteListener, updatePort } from '../../support/commands.ts'
import { routerAttached } from '../../support/projections/router-facts.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

describe('execute with expectedResourceVersion', () => {
  it('executes the command if the version is current', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    const { row } = await test.run(updatePort('backend', 9090), { expectedResourceVersion: position })
    assert.equal(row?.spec.port, 9090)
  })

  it('rejects an outdated version with CONFLICT and the current one', async () => {
    await using test = await TestEngine.start()
    const { position: old } = await test.run(createListener('backend'))
    const { position } = await test.run(updatePort('backend', 9090))
    const before = await test.log()
    for (const command of [updatePort('backend', 9091), updatePort('backend', 9090), deleteListener('backend')]) {
      await assert.rejects(test.run(command, { expectedResourceVersion: old }), {
        code: 'CONFLICT',
        details: { currentResourceVersion: formatPosition(position) },
      })
    }
    assert.deepEqual(await test.log(), before)
  })

  it('rejects the version after a change of status', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    await test.routerReports(routerAttached())
    await assert.rejects(test.run(updatePort('backend', 9090), { expectedResourceVersion: position }), {
      code: 'CONFLICT',
    })
  })

  it('rejects the version of a deleted listener of that name', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    await test.run(deleteListener('backend'))
    await assert.rejects(test.run(updatePort('backend', 9090), { expectedResourceVersion: position }), {
      code: 'NOT_FOUND',
    })
    await test.run(createListener('backend'))
    await assert.rejects(test.run(updatePort('backend', 9090), { expectedResourceVersion: position }), {
      code: 'CONFLICT',
    })
  })

  it('executes one of many concurrent commands with the same version', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    const other = await test.startAnother()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? test.engine : other).execute(updatePort('backend', 9000 + index), {
          caller: ALICE,
          expectedResourceVersion: position,
        }),
      ),
    )
    const refusals = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    assert.deepEqual(refusals, Array(19).fill('CONFLICT'))
    assert.equal((await test.story('listener-west.backend')).length, 2)
  })
})
