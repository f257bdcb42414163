import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ClientResult, ClientTask } from '../clients/http-client.ts'
import { RUN } from '../workload.ts'

/** Runs a task in a client process. */
export const runClient = async (task: ClientTask): Promise<ClientResult> => {
  const file = join(import.meta.dirname, '../clients/http-client.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(task)], {
    env: { ...process.env, BENCH_RUN: RUN },
  })
  return JSON.parse(stdout) as ClientResult
}
