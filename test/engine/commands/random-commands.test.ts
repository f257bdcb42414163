import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { connectorStatus } from '../../../projections/connector-status.ts'
import { listenerStatus } from '../../../projections/listener-status.ts'
import { entitiesOf, routerConfig } from '../../../projections/router-config/router-config.ts'
import type { Command } from '../../../schemas/commands.ts'
import { HarkError } from '../../../schemas/errors.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { anyCommand } from '../../support/domain/arbitrary-commands.ts'
import fc from '../../support/fast-check.ts'
import { assertLogRules } from '../../support/log-rules.ts'
import { fold } from '../../support/projections/recorded.ts'
import { TestEngine, until } from '../../support/test-engine.ts'

type WithoutSites = Exclude<Command, { readonly type: `${string}Site${string}` }>

const step = fc.record({
  command: anyCommand.filter((command): command is WithoutSites => !command.type.includes('Site')),
  isRetried: fc.constantFrom(false, false, false, true),
})
const plans = fc.array(fc.array(step, { maxLength: 15 }), { minLength: 2, maxLength: 5 })

/** Each run has namespaces of its own. */
const within = <C extends Command>(run: number, command: C): C => ({
  ...command,
  namespace: `${command.namespace}-${run}`,
})

const callAll = async (engine: Engine, plan: readonly { command: WithoutSites; isRetried: boolean }[]) => {
  for (const { command, isRetried } of plan) {
    const options = {
      caller: { actor: 'caller', via: 'graphql' as const, correlationId: randomUUID() },
      ...(isRetried && { commandId: randomUUID() }),
    }
    try {
      const answer = await engine.execute(command, options)
      if (isRetried) assert.deepEqual(await engine.execute(command, options), answer)
    } catch (error) {
      if (!(error instanceof HarkError)) throw error
      assert.ok(['ALREADY_EXISTS', 'NOT_FOUND', 'IMMUTABLE_FIELD'].includes(error.code), error.message)
    }
  }
}

const everyRow = <Row>(read: (page: { first: number }) => { readonly rows: readonly { readonly row: Row }[] }): Row[] =>
  read({ first: 100_000 }).rows.map(({ row }) => row)

describe('two engines with random concurrent commands', () => {
  it('keep the rules of the log, and show the same state', async () => {
    await using test = await TestEngine.start()
    const engines = [test.engine, await test.startAnother()] as const
    let run = 0
    await fc.assert(
      fc.asyncProperty(plans, async plans => {
        run += 1
        await Promise.all(
          plans.map((plan, caller) =>
            callAll(
              engines[caller % 2] as Engine,
              plan.map(step => ({ ...step, command: within(run, step.command) })),
            ),
          ),
        )
        const log = await test.log()
        assertLogRules(log)
        const { position } = log.at(-1) ?? { position: 0 }
        await until(() => engines.every(engine => engine.read.head().position >= position))
      }),
      { numRuns: 40 },
    )

    const log = (await test.log()) as HarkEvent[]
    assert.ok(log.length > 100)
    const listeners = [...fold(listenerStatus, log).listeners.rows()]
    const connectors = [...fold(connectorStatus, log).connectors.rows()]
    const config = fold(routerConfig, log)
    const byUid = <Row extends { readonly uid: string }>(rows: readonly Row[]): Map<string, Row> =>
      new Map(rows.map(row => [row.uid, row]))
    for (const { read } of engines) {
      assert.deepEqual(byUid(everyRow(page => read.resources('Listener', {}, page))), byUid(listeners))
      assert.deepEqual(byUid(everyRow(page => read.resources('Connector', {}, page))), byUid(connectors))
      for (const namespace of new Set(listeners.map(({ namespace }) => namespace)))
        assert.deepEqual(read.routerConfig(namespace).entities, entitiesOf(config, namespace))
    }
    const { rows, rebuilt } = await test.rowsAndRebuiltRows()
    assert.deepEqual(rows, rebuilt)
  })
})
