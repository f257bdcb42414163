import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ClientResult, ClientTask } from '../http-client.ts'
import { RUN } from '../workload.ts'

/** Has a task done by a client in a process of its own. */
export const runClient = async (task: ClientTask): Promise<ClientResult> => {
  const file = join(import.meta.dirname, '../http-client.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(task)], {
    env: { ...process.env, BENCH_RUN: RUN },
  })
  return JSON.parse(stdout) as ClientResult
}
