import assert from 'node:assert/strict'
import { InvalidSettings, loadSettings } from '../../src/config/load.ts'

/** The lines of invalid settings. */
export const faultsOf = (flags: { readonly data: string }, env: NodeJS.ProcessEnv = {}): readonly string[] => {
  try {
    loadSettings(flags, env)
  } catch (error) {
    assert.ok(error instanceof InvalidSettings)
    return error.lines
  }
  return []
}
