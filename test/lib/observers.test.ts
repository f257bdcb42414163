import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Observers } from '../../src/lib/observers.ts'

const fault = new Error('a fault')
const failing = (): never => {
  throw fault
}

const observed = () => {
  const logged: unknown[] = []
  const observers = new Observers<number>({ error: details => void logged.push((details as { error: unknown }).error) })
  return { logged, observers }
}

describe('Observers', () => {
  it('notifies observers in the order of their registration until they are removed', () => {
    const { observers, logged } = observed()
    const seen: string[] = []
    const ends = ['a', 'b'].map(name => observers.add(value => void seen.push(`${name}${value}`)))
    observers.notify(1)
    ends[0]?.()
    observers.notify(2)
    assert.deepEqual([seen, observers.size, logged], [['a1', 'b1', 'b2'], 1, []])
  })

  it('logs an observer that throws, calls its onFailure, and notifies the others', () => {
    const { observers, logged } = observed()
    const seen: unknown[] = []
    const end = observers.add(failing, error => {
      seen.push(error)
      end()
    })
    observers.add(value => void seen.push(value))
    observers.notify(1)
    observers.notify(2)
    assert.deepEqual([seen, logged], [[fault, 1, 2], [fault]])
  })

  it('notifies the others if onFailure throws as well', () => {
    const { observers, logged } = observed()
    const seen: number[] = []
    observers.add(failing, failing)
    observers.add(value => void seen.push(value))
    observers.notify(1)
    assert.deepEqual([seen, logged], [[1], [fault, fault]])
  })
})
