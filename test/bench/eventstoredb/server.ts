import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Runs `work` with the server of HARK_TEST_EVENTSTOREDB, or with the fake in a separate process. */
export const withEventStoreDb = async <T>(work: (connectionString: string, name: string) => Promise<T>): Promise<T> => {
  const real = process.env.HARK_TEST_EVENTSTOREDB
  if (real) return work(real, 'EventStoreDB')
  const child = spawn(process.execPath, [join(import.meta.dirname, '../processes/eventstoredb-process.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(child.stdout, 'data')) as [Buffer]
    return await work(`esdb://127.0.0.1:${String(port).trim()}?tls=false`, 'the double')
  } finally {
    child.kill()
  }
}
