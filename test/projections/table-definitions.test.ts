import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TableDefinition } from '../../projections/kit/table.ts'
import fc from '../support/fast-check.ts'
import { anyLog } from '../support/projections/arbitrary-log.ts'
import { EVERY_PROJECTION } from '../support/projections/every-projection.ts'
import { fold } from '../support/projections/recorded.ts'

/** The tables that queries of the past read, and the indexes by which they find rows. */
const READ_IN_THE_PAST = {
  'listener-status listeners': [],
  'listener-status connectors': ['match'],
  'listener-status routers': [],
  'connector-status connectors': [],
  'multi-key-listener-status multiKeyListeners': [],
  'router-config sites': [],
  'router-config entities': ['namespace'],
  'sites sites': [],
  'sites undeclared': [],
  'sites routers': [],
  'sites renamed': [],
}

describe('tables of projections', () => {
  it('keep versions of the rows that queries of the past read, with their indexes', () => {
    const kept = EVERY_PROJECTION.flatMap(({ name, tables }) =>
      Object.entries<TableDefinition<never>>(tables).flatMap(([table, { history }]) =>
        history === undefined ? [] : [[`${name} ${table}`, history.indexes] as const],
      ),
    )
    assert.deepEqual(Object.fromEntries(kept), READ_IN_THE_PAST)
  })

  it('keep no results of commands in memory', () => {
    const projections = EVERY_PROJECTION.filter(({ tables }) => 'commandResults' in tables)
    assert.ok(projections.length > 0)
    fc.assert(
      fc.property(anyLog, log => {
        for (const projection of projections) assert.equal(fold(projection, log).commandResults?.size, 0)
      }),
      { numRuns: 20 },
    )
  })
})
