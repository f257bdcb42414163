import { type ChildProcess, spawn as spawnChild } from 'node:child_process'
import { after } from 'node:test'

const children = new Set<ChildProcess>()

// A child that outlives a failed test would keep the test file, and with it the whole run, from ending.
// Benchmarks start children too, without a test runner.
if (process.env.NODE_TEST_CONTEXT !== undefined) after(() => killChildren())

/** Kills what still runs. */
export const killChildren = (): void => {
  for (const child of children) child.kill('SIGKILL')
}

// Ctrl-C and a timeout of the run end this process without the hooks of tests.
process.once('exit', killChildren)

/** `spawn` of node:child_process; what still runs after the last test of the file is killed. */
export const spawn = ((...args: Parameters<typeof spawnChild>): ChildProcess => {
  const child = spawnChild(...args)
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}) as typeof spawnChild
