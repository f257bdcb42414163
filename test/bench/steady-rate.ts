import { setTimeout as pause } from 'node:timers/promises'
import type { RunningHark } from '../support/running-hark.ts'

const CONNECTIONS = 16

export interface Subject {
  readonly namespace: string
  readonly name: string
}

interface Steadily {
  readonly perSecond: number
  readonly isDone: (started: number) => boolean
}

/**
 * Starts jobs at a steady rate until it is done; a machine that is too slow gets fewer.
 *
 * @returns the milliseconds of each job from its turn, which include its wait for a free connection
 */
export const atRate = async (
  { perSecond, isDone }: Steadily,
  job: (index: number) => Promise<void>,
): Promise<number[]> => {
  const begin = performance.now()
  const times: number[] = []
  let started = 0
  const connection = async (): Promise<void> => {
    while (!isDone(started)) {
      const index = started++
      const turn = begin + (index / perSecond) * 1000
      const early = turn - performance.now()
      if (early > 0) await pause(early)
      await job(index)
      times.push(performance.now() - turn)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  return times
}

const UPDATE = 'mutation ($input: UpdateRoutingKeyInput!) { updateRoutingKey(input: $input) { position } }'

/** Gives a listener a routing key that it did not have. */
export const updateRoutingKey = async (hark: RunningHark, subject: Subject, index: number): Promise<void> => {
  const { errors } = await hark.graphql(UPDATE, { input: { ...subject, routingKey: `key-${index}` } })
  if (errors) throw new Error(JSON.stringify(errors))
}
