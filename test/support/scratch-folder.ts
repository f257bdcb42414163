import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ScratchFolder extends AsyncDisposable {
  readonly path: string
}

/** A folder of a test's own, gone at its end. */
export const scratchFolder = async (): Promise<ScratchFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'hark-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
