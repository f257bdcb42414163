import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { listenerStatus } from '../../../projections/listener-status.ts'
import { disjoint, type Gap, withGaps } from '../../../projections/shared/observation.ts'
import { timelineOf } from '../../../projections/timeline.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import { CONDITION_TYPES } from '../../../schemas/resources/conditions.ts'
import { CONDITIONED_KINDS } from '../../../schemas/resources/kinds.ts'
import { PendingVersions } from '../../../src/engine/history/pending-versions.ts'
import { decodeVersions, type StoredVersion, versionsByRow } from '../../../src/engine/history/row-version.ts'
import {
  type ConditionVersion,
  fromColumns,
  transitionsOf,
} from '../../../src/engine/history/timeline/condition-transitions.ts'
import { emptyMarks, LaneCells, markCells, type Segment, segmentsOf } from '../../../src/engine/overview/lane-cells.ts'
import { emptyColumns } from '../../../src/engine/overview/lane-entries.ts'
import { type LaneRun, notReadyTime, runsOf } from '../../../src/engine/overview/lane-runs.ts'
import { LANE_CODE } from '../../../src/engine/overview/lane-status.ts'
import { hasLane, LANE_SCHEMA, LaneStore } from '../../../src/engine/overview/lane-store.ts'
import { ReadModel } from '../../../src/engine/read-models/read-model.ts'
import { modelOf } from '../../../src/engine/resources/registry.ts'
import fc from '../../support/fast-check.ts'
import { anyLog } from '../../support/projections/arbitrary-log.ts'

const KEY = 'listener-west.a'
const LONG_AGO = 0

/** What is kept of the listener, written after each of these events. */
const keptFrom = (log: readonly HarkEvent[], writtenAfter: ReadonlySet<number>) => {
  const database = new DatabaseSync(':memory:')
  database.exec(LANE_SCHEMA)
  const lanes = new LaneStore(database)
  const model = new ReadModel(listenerStatus as never)
  const pending = new PendingVersions('listener-status@4', model.projection.tables, 0)
  model.onProjected((event, changes) => pending.note(event, changes))
  const versions: StoredVersion[] = []
  const write = () => {
    const added = pending
      .beginWriting()
      .flatMap(encoded => encoded.versions.flatMap(chunk => [...decodeVersions(chunk)]))
    lanes.add(versionsByRow(added))
    versions.push(...added.filter(({ scope, key }) => key === KEY && scope.endsWith('/listeners')))
    pending.written()
  }
  log.forEach((event, index) => {
    model.project(event)
    if (writtenAfter.has(index)) write()
  })
  write()
  const id = lanes.keys('listener-status@4/listeners').find(({ key }) => key === KEY)?.id
  return { lanes, id, versions, [Symbol.dispose]: () => database.close() }
}

const CODES: Readonly<Record<string, number>> = {
  ...LANE_CODE,
  RouterUnreachable: LANE_CODE.Unknown,
  NotFound: LANE_CODE.absent,
}

const anyGaps = fc.array(
  fc
    .tuple(fc.nat(60_000), fc.integer({ min: 1, max: 20_000 }))
    .map(([offset, length]): readonly [number, number] => [offset, length]),
  { maxLength: 3 },
)

const anyWindow = fc.record({ begin: fc.nat(100), end: fc.nat(100), isOpen: fc.boolean() })

const timeOf = (log: readonly HarkEvent[], place: number): number => {
  const event = log[place % Math.max(log.length, 1)]
  return event === undefined ? LONG_AGO : Date.parse(event.time)
}

const conditionVersion = ({ position, time, kind, body }: StoredVersion): ConditionVersion => [
  position,
  time,
  kind,
  body,
]

/** Neighbours with one status are one run. */
const merged = (intervals: readonly { readonly from: number; readonly code: number }[]) =>
  intervals.filter(({ code }, place) => intervals[place - 1]?.code !== code)

describe('hasLane', () => {
  it('includes the table of every kind with conditions, in each version of its read model', () => {
    const scopes = CONDITIONED_KINDS.map(modelOf).map(({ projection, table }) => `${projection.name}@17/${table}`)
    assert.deepEqual(scopes.filter(hasLane), scopes)
    assert.ok(hasLane('sites@1/routers'))
  })

  it('excludes tables of other resources', () => {
    const others = [
      'listener-status@5/connectors',
      'listener-status@5/routers',
      'sites@4/sites',
      'x-listener-status@5/listeners',
    ]
    assert.deepEqual(others.filter(hasLane), [])
  })
})

describe('runsOf', () => {
  it('agrees with the timeline of each condition, in any window and with any gaps', () => {
    fc.assert(
      fc.property(
        anyLog,
        fc.uniqueArray(fc.nat(100)),
        anyWindow,
        anyGaps,
        (log, writes, { begin, end, isOpen }, gaps) => {
          using kept = keptFrom(log, new Set(writes))
          const times = [timeOf(log, begin), timeOf(log, end)].sort((a, b) => a - b)
          const window = { from: times[0] as number, to: times[1] as number, isOpen }
          const unobserved = gaps.map(([offset, length]): Gap => {
            const from = timeOf(log, 0) + offset
            return { from, to: from + length, position: 1, since: new Date(from).toISOString() }
          })
          const columns = emptyColumns(1)
          if (kept.id !== undefined) kept.lanes.read(kept.id, 0, Number.MAX_SAFE_INTEGER, columns)
          for (const type of CONDITION_TYPES) {
            const runs = runsOf(columns, type, window, disjoint(unobserved))
            const { intervals, fractionTrue } = timelineOf(
              withGaps(fromColumns(transitionsOf(kept.versions.map(conditionVersion), type)), unobserved),
              window,
            )
            // Without a probe, the lane of Reachable is absent, not unobserved.
            if (type === 'Reachable' && unobserved.length > 0) continue
            const expected = merged(intervals.map(({ from, reason }) => ({ from, code: CODES[reason] as number })))
            assert.deepEqual(
              runs.map(({ start, code }) => ({ from: start, code })),
              expected,
            )
            if (type === 'Ready') {
              const existed = intervals
                .filter(({ reason }) => reason !== 'NotFound')
                .reduce((sum, { from, to = window.to }) => sum + to - from, 0)
              assert.ok(Math.abs(notReadyTime(runs, window.to) - existed * (1 - fractionTrue)) < 0.001)
            }
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

/** Runs of alternating statuses in a window of a minute. */
const anyRuns = fc.array(fc.tuple(fc.nat(60_000), fc.integer({ min: 0, max: 5 })), { maxLength: 60 }).map(changes => {
  const runs: LaneRun[] = [{ start: 0, code: 0, position: 0, message: '' }]
  for (const [place, [start, code]] of changes.sort(([a], [b]) => a - b).entries()) {
    const last = runs.at(-1) as LaneRun
    if (last.code !== code && last.start !== start)
      runs.push({ start, code: code as LaneRun['code'], position: place + 1, message: place })
  }
  return runs
})

describe('segmentsOf', () => {
  const to = 60_000
  const window = { from: 0, to, isOpen: true }
  const codesWithin = (runs: readonly LaneRun[], start: number, end: number) => {
    const first = runs.findLastIndex(run => run.start <= start)
    return runs.slice(first).filter(run => run.start < end || run.start === start)
  }

  it('covers the window, and states the status, or the worst one and the number of changes', () => {
    fc.assert(
      fc.property(anyRuns, fc.integer({ min: 1, max: 2000 }), (runs, resolution) => {
        const segments = segmentsOf(runs, new LaneCells(window, resolution), to)
        assert.ok(segments.length <= 2 * resolution + 1)
        assert.equal(segments[0]?.start, 0)
        for (const [place, { start, code, changes }] of segments.entries()) {
          const end = segments[place + 1]?.start ?? to
          assert.ok(end > start)
          const within = codesWithin(runs, start, end)
          assert.equal(Math.max(...within.map(run => run.code)), code)
          // The last change may be at the end of the window.
          const inside = within.filter(run => run.start >= start && run.start < end)
          if (changes === 0) assert.equal(within.length, 1)
          else assert.ok(changes >= 2 && changes >= inside.length - 1)
        }
        const counted = segments.reduce((sum, { changes }: Segment) => sum + changes, 0)
        assert.ok(counted <= runs.length)
      }),
    )
  })

  it('shows each change at its time if no cell has two', () => {
    fc.assert(
      fc.property(anyRuns, runs => {
        const segments = segmentsOf(runs, new LaneCells(window, to), to)
        const visible = runs.filter(({ start }, place) => place === 0 || start < to)
        assert.deepEqual(
          segments.map(({ start, code, changes }) => ({ start, code, changes })),
          visible
            .filter(({ start }, place) => visible[place + 1]?.start !== start)
            .map(({ start, code }) => ({ start, code, changes: 0 })),
        )
      }),
    )
  })
})

describe('markCells', () => {
  it('counts each event in the window once, in its cell', () => {
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 1, max: 50 }), anyWindow, (log, resolution, { begin, end }) => {
        using kept = keptFrom(log, new Set())
        const times = [timeOf(log, begin), timeOf(log, end)].sort((a, b) => a - b)
        const window = { from: times[0] as number, to: times[1] as number, isOpen: true }
        const columns = emptyColumns(1)
        if (kept.id !== undefined) kept.lanes.read(kept.id, 0, Number.MAX_SAFE_INTEGER, columns)
        const cells = new LaneCells(window, resolution)
        const marks = emptyMarks()
        markCells(columns, cells, window, marks)
        const places = Array.from({ length: marks.length }, (_, place) => place)
        const within = kept.versions.filter(({ time }) => time >= window.from && time <= window.to)
        assert.equal(
          places.reduce((sum, place) => sum + (marks.count[place] as number), 0),
          within.length,
        )
        assert.ok(marks.length <= resolution)
        for (const place of places) {
          const [position, type, time] = [marks.position[place], marks.type[place] as number, marks.time[place]]
          assert.ok(within.some(version => version.position === position && version.time === time))
          assert.ok(within.some(version => version.type === kept.lanes.text(type)))
        }
      }),
      { numRuns: 200 },
    )
  })
})
