import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { EntityState } from '../../../src/controller/entities/entity-record.ts'
import { type ExposedTarget, TargetFailures } from '../../../src/controller/reports/target-failures.ts'

const POD: ExposedTarget = { name: 'listener/shards/pod-0', listener: 'shards', target: 'pod-0', port: 8080 }
const LISTENER = { name: 'shards', spec: { exposePodsByName: true } } as unknown as ListenerRow

describe('TargetFailures', () => {
  it('drops the failure of a target that went while its listener failed, before it returns', () => {
    let targets: ExposedTarget[] = [POD]
    let state: Partial<EntityState> = { socket: 'failed', message: 'in use' }
    const failures = new TargetFailures({ targetsOf: () => targets }, { state: () => state as EntityState })
    const opened = { state: 'opened', message: '' } as const
    assert.deepEqual(failures.amend(LISTENER, opened), { state: 'failed', message: 'target pod-0: in use' })
    state = { socket: 'closed' }
    assert.deepEqual(failures.amend(LISTENER, opened), { state: 'failed', message: 'target pod-0: in use' })
    targets = []
    failures.amend(LISTENER, { state: 'failed', message: 'its own port is in use' })
    targets = [POD]
    assert.deepEqual(failures.amend(LISTENER, opened), opened)
  })
})
