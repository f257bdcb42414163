import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emptyTables } from '../../projections/kit/projection.ts'
import type { HarkEvent } from '../../schemas/events/events.ts'
import { metadataEventOf } from '../../schemas/resources/metadata.ts'
import fc from '../support/fast-check.ts'
import { anyLog } from '../support/projections/arbitrary-log.ts'
import { EVERY_PROJECTION } from '../support/projections/every-projection.ts'
import { projectInto } from '../support/projections/rows.ts'

type Row = Readonly<Record<string, unknown>>

/** Without what labels may change. */
const rest = ({ labels: _, annotations: __, resourceVersion: ___, revision: ____, ...row }: Row): Row => row

for (const projection of EVERY_PROJECTION) {
  describe(`labels and annotations in ${projection.name}`, () => {
    it('change no spec, generation, condition or entity', () => {
      const rowsOf = (log: readonly HarkEvent[]): unknown => {
        const tables = emptyTables(projection)
        projectInto(projection, tables, new Map(), log)
        return Object.entries(tables)
          .filter(([name]) => !['commandResults', 'open', 'detours', 'deleted'].includes(name))
          .map(([name, table]) => [name, table.sortedKeys().map(key => [key, rest(table.get(key) as Row)])])
      }
      fc.assert(
        fc.property(anyLog, log => {
          const without = log.filter(({ type }) => metadataEventOf(type) === undefined)
          assert.deepEqual(rowsOf(log), rowsOf(without))
        }),
      )
    })
  })
}
