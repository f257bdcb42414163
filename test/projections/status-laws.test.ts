import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { connectorStatus } from '../../projections/connector-status.ts'
import { applyChanges, emptyTables, type Projection, type Tables } from '../../projections/kit/projection.ts'
import { type ListenerRow, listenerStatus, matchingConnectors } from '../../projections/listener-status.ts'
import { type MultiKeyListenerRow, multiKeyListenerStatus } from '../../projections/multi-key-listener-status.ts'
import { type AnyConditions, conditionsOf } from '../../projections/shared/evaluate-conditions.ts'
import type { ObjectMeta } from '../../projections/shared/object-meta.ts'
import type { HarkEvent } from '../../schemas/events/events.ts'
import { routingKeysOf } from '../../schemas/resources/multi-key-listener.ts'
import fc, { runs } from '../support/fast-check.ts'
import { anyLog } from '../support/projections/arbitrary-log.ts'
import { isMatched } from '../support/projections/match-model.ts'
import { fold } from '../support/projections/recorded.ts'

type StatusRow = ObjectMeta & { readonly conditions: AnyConditions; readonly spec: object }

/** What a row of a projection shows besides what it holds. */
type ShownWith<Rows extends object> = (tables: Tables<Rows>, row: StatusRow) => unknown

interface ChangeOfRow {
  readonly event: HarkEvent
  readonly before: StatusRow | undefined
  readonly after: StatusRow
  readonly isShownAlike: boolean
}

/** Calls `check` for each row that an event of the log changed. */
const eachChange = <Rows extends object>(
  projection: Projection<Rows>,
  table: keyof Rows,
  shownWith: ShownWith<Rows>,
  log: readonly HarkEvent[],
  check: (change: ChangeOfRow) => void,
): void => {
  const tables = emptyTables(projection)
  const shown = (row: StatusRow | undefined): unknown => row && shownWith(tables, row)
  for (const event of log) {
    const changes = projection.project(tables, event)
    const changed = changes
      .filter(change => change.table === table && change.after !== undefined)
      .map(change => ({ before: change.before as StatusRow | undefined, after: change.after as unknown as StatusRow }))
    const shownBefore = changed.map(({ before }) => shown(before))
    applyChanges(projection, tables, changes)
    for (const [index, { before, after }] of changed.entries())
      check({ event, before, after, isShownAlike: isDeepStrictEqual(shownBefore[index], shown(after)) })
  }
}

const shownOf = ({ conditions, spec, labels, annotations }: StatusRow): string =>
  JSON.stringify([
    spec,
    labels,
    annotations,
    conditionsOf(conditions).map(({ type, status, reason, message, observedGeneration }) => [
      type,
      status,
      reason,
      message,
      observedGeneration,
    ]),
  ])

const isSame = (before: StatusRow | undefined, after: StatusRow): before is StatusRow => before?.uid === after.uid

const lawsOf = <Rows extends object>(
  projection: Projection<Rows>,
  table: keyof Rows & string,
  shownWith: ShownWith<Rows>,
): void => {
  describe(`the status of ${table}`, () => {
    it('is Ready exactly when all other conditions are True', () => {
      fc.assert(
        fc.property(anyLog, log =>
          eachChange(projection, table, shownWith, log, ({ after }) => {
            const { Ready, ...others } = after.conditions
            assert.equal(
              Ready.status === 'True',
              Object.values(others).every(({ status }) => status === 'True'),
            )
          }),
        ),
      )
    })

    it('has an observedGeneration that only grows', () => {
      fc.assert(
        fc.property(anyLog, log =>
          eachChange(projection, table, shownWith, log, ({ before, after }) => {
            for (const { observedGeneration } of conditionsOf(after.conditions))
              assert.equal(observedGeneration, after.generation)
            if (isSame(before, after)) assert.ok(after.generation >= before.generation)
          }),
        ),
      )
    })

    it('has a new resourceVersion exactly with each change', () => {
      fc.assert(
        fc.property(anyLog, log =>
          eachChange(projection, table, shownWith, log, ({ event, before, after, isShownAlike }) => {
            const isNews = !isSame(before, after) || shownOf(before) !== shownOf(after) || !isShownAlike
            assert.equal(after.resourceVersion, isNews ? event.position : before?.resourceVersion)
          }),
        ),
      )
    })

    it('has a new lastTransitionTime exactly when a status changes', () => {
      fc.assert(
        fc.property(anyLog, log =>
          eachChange(projection, table, shownWith, log, ({ event, before, after }) => {
            for (const { type, ...now } of conditionsOf(after.conditions)) {
              const then = isSame(before, after) ? before.conditions[type] : undefined
              const expected = then?.status === now.status ? then.lastTransitionTime : event.time
              assert.equal(now.lastTransitionTime, expected)
            }
          }),
        ),
      )
    })
  })
}

lawsOf(listenerStatus, 'listeners', (tables, row) => matchingConnectors(tables, row as ListenerRow))
lawsOf(connectorStatus, 'connectors', () => undefined)
lawsOf(multiKeyListenerStatus, 'multiKeyListeners', (_, row) => (row as MultiKeyListenerRow).strategy)

describe('a match found incrementally', () => {
  it('equals the match computed from the whole log, for listeners', () => {
    fc.assert(
      fc.property(anyLog, log => {
        const tables = fold(listenerStatus, log)
        for (const row of tables.listeners.rows()) {
          assert.equal(row.hasMatchingConnector, isMatched(log, 'Connector', row.namespace, row.spec.routingKey))
          assert.equal(row.conditions.Matched.status === 'True', row.hasMatchingConnector)
          assert.equal(matchingConnectors(tables, row).length > 0, row.hasMatchingConnector)
        }
      }),
      runs(300),
    )
  })

  it('equals the match computed from the whole log, for connectors', () => {
    fc.assert(
      fc.property(anyLog, log => {
        for (const row of fold(connectorStatus, log).connectors.rows()) {
          assert.equal(row.hasMatchingListener, isMatched(log, 'Listener', row.namespace, row.spec.routingKey))
          assert.equal(row.conditions.Matched.status === 'True', row.hasMatchingListener)
        }
      }),
      runs(300),
    )
  })

  it('equals the match computed from the whole log, for each routing key of MultiKeyListeners', () => {
    fc.assert(
      fc.property(anyLog, log => {
        for (const row of fold(multiKeyListenerStatus, log).multiKeyListeners.rows()) {
          const { namespace, spec, strategy, hasDestination } = row
          const reachable = routingKeysOf(spec.strategy).filter(key => isMatched(log, 'Connector', namespace, key))
          const shown = 'priority' in strategy ? strategy.priority : strategy.weighted
          assert.deepEqual(
            shown.routingKeysReachable,
            spec.strategy.weighted === undefined
              ? reachable
              : Object.fromEntries(reachable.map(key => [key, spec.strategy.weighted?.routingKeys[key]])),
          )
          assert.equal(hasDestination, reachable.length > 0)
          assert.equal(row.conditions.Operational.status === 'True', hasDestination)
        }
      }),
      runs(300),
    )
  })
})
