import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { laneStatesOf, stateIn } from '../../../src/console/lanes/status/lane-states.ts'

const named = (name: string) => ({ kind: 'Listener', namespace: 'west', name }) as const
const NODES = [
  { ...named('b'), status: 'Error', port: 7070 },
  { ...named('d'), status: 'Ready', port: null },
] as const

describe('the states of lanes at a moment', () => {
  test('have the status and the port of each resource', () => {
    const states = laneStatesOf(NODES, true)
    assert.deepEqual(stateIn(states, named('b')), { status: 'Error', port: 7070 })
    assert.deepEqual(stateIn(states, named('d')), { status: 'Ready', port: undefined })
  })

  test('have no status of a resource that did not exist', () => {
    const absent = { status: undefined, port: undefined }
    assert.deepEqual(stateIn(laneStatesOf(NODES, false), named('c')), absent)
    assert.deepEqual(stateIn(laneStatesOf(NODES, true), named('e')), absent)
  })

  test('leave open what was not loaded', () => {
    const states = laneStatesOf(NODES, false)
    assert.equal(stateIn(states, named('e')), undefined)
    assert.equal(stateIn(states, { ...named('a'), kind: 'Connector' }), undefined)
  })
})
