import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { type AuditEntry, auditEntry } from '../../../projections/audit/entry.ts'
import { AuditSummary, BoundedCounter } from '../../../projections/audit/summary.ts'
import fc from '../../support/fast-check.ts'
import { anyLog } from '../../support/projections/arbitrary-log.ts'

const entry = fc
  .record({
    actor: fc.constantFrom('alice', 'bob', 'agent'),
    result: fc.constantFrom('Done' as const, 'Refused' as const, 'Observed' as const),
    name: fc.constantFrom('backend', 'other'),
    code: fc.constantFrom('FORBIDDEN', 'CONFLICT'),
  })
  .map(({ actor, result, name, code }) => {
    const resource = { kind: 'Listener' as const, namespace: 'west', name }
    const refusal = result === 'Refused' && { refusal: { command: 'updatePort', code, asked: {} } }
    return { actor, result, resource, ...refusal } as unknown as AuditEntry
  })

const countsOf = (...logs: readonly (readonly AuditEntry[])[]) => {
  const summary = new AuditSummary()
  for (const log of logs) for (const each of log) summary.add(each)
  return summary.counts
}

const counted = <Key>({ counted }: { counted: readonly { key: Key; count: number }[] }) =>
  Object.fromEntries(counted.map(({ key, count }) => [JSON.stringify(key), count]))

/** The same by looking again at all for each. */
const byLooking = (log: readonly AuditEntry[], keyOf: (entry: AuditEntry) => unknown) => {
  const keys = new Set(log.map(each => JSON.stringify(keyOf(each))))
  return Object.fromEntries([...keys].map(key => [key, log.filter(each => JSON.stringify(keyOf(each)) === key).length]))
}

describe('AuditSummary', () => {
  it('counts each entry once', () => {
    fc.assert(
      fc.property(fc.array(entry), log => {
        const counts = countsOf(log)
        const done = log.filter(({ result }) => result === 'Done')
        const refused = log.filter(({ result }) => result === 'Refused')
        assert.deepEqual(
          [counts.entries, counts.changes, counts.refusals, counts.observations],
          [log.length, done.length, refused.length, log.length - done.length - refused.length],
        )
        assert.deepEqual(
          counted(counts.changesByActor),
          byLooking(done, ({ actor }) => actor),
        )
        assert.deepEqual(
          counted(counts.changesByResource),
          byLooking(done, ({ resource }) => resource),
        )
        const codes = byLooking(refused, ({ actor, refusal }) => ({ actor, code: refusal?.code }))
        assert.deepEqual(counted(counts.refusalsByActor), codes)
      }),
    )
  })

  it('continues with a second log', () => {
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), (one, other) =>
        assert.deepEqual(countsOf(one, other), countsOf([...one, ...other])),
      ),
    )
  })

  it('counts every entry of a real log', () => {
    fc.assert(
      fc.property(anyLog, log => {
        const entries = log.flatMap(event => auditEntry(event) ?? [])
        const { changesByActor, changes } = countsOf(entries)
        assert.equal(countsOf(entries).entries, entries.length)
        assert.equal(
          changesByActor.counted.reduce((sum, { count }) => sum + count, changesByActor.others),
          changes,
        )
      }),
      { numRuns: 30 },
    )
  })
})

describe('BoundedCounter', () => {
  it('counts keys beyond its bound together', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(8), fc.nat(8), (keys, most, shown) => {
        const tally = new BoundedCounter<number>(most)
        for (const key of keys) tally.add(String(key), key)
        const { counted, others } = tally.largest(shown)
        assert.ok(counted.length <= Math.min(most, shown))
        assert.equal(
          counted.reduce((sum, { count }) => sum + count, others),
          keys.length,
        )
        for (const { key, count } of counted) assert.equal(count, keys.filter(each => each === key).length)
        assert.deepEqual(
          counted.map(({ count }) => count),
          counted.map(({ count }) => count).sort((a, b) => b - a),
        )
      }),
    )
  })
})
