import { cp } from 'node:fs/promises'
import { after, before } from 'node:test'
import { all } from '../contract/event-store/events.ts'
import { SignedLog } from '../support/signed-log.ts'

/** What the damage of an event depends on. */
export interface Row {
  readonly position: number
  readonly stream: string
  readonly revision: number
  readonly type: string
}

/** Makes a signed log before the tests of the suite and removes it after them; until then it has no rows. */
export const originalLog = async () => {
  const original = await SignedLog.create()
  const rows: Row[] = []
  before(async () => {
    await original.fill()
    rows.push(...(await original.withStore(store => all(store.readAll()))))
  })
  after(() => original[Symbol.asyncDispose]())
  const copy = async (): Promise<SignedLog> => {
    const log = await SignedLog.create()
    await cp(original.folder, log.folder, { recursive: true })
    return log
  }
  return {
    original,
    rows: rows as readonly Row[],
    copy,
    resourceEvents: (): readonly Row[] => rows.filter(({ stream }) => stream.startsWith('listener-')),
    last: (): number => rows.at(-1)?.position as number,
  }
}

/** Returns the findings as text, each with its place. */
export const found = async (log: SignedLog): Promise<string[]> =>
  (await log.audit()).findings.map(({ place, fault }) => `${place}: ${fault}`)

/** The next opening rebuilds the stream index. */
export const FORGET_INDEX = 'DELETE FROM stream_index; UPDATE stream_index_progress SET position = 0'

export const at = (position: number): string => `WHERE position = ${position}`

/** Whether a fault names a range of positions that contains the position. */
export const inRange = (fault: string, position: number): boolean => {
  const [, from, to] = /position (\d+) to position (\d+)/.exec(fault) ?? []
  return from !== undefined && Number(from) <= position && position <= Number(to)
}
