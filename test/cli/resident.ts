import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Outcome, plainEnvironment, type RunOptions } from './hark.ts'
import type { Request } from './resident-process.ts'

const PROCESS = fileURLToPath(new URL('resident-process.ts', import.meta.url))

let resident: ChildProcess | undefined
let last: Promise<unknown> = Promise.resolve()

const started = (): ChildProcess => {
  const child = fork(PROCESS, { env: plainEnvironment(), execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.once('exit', () => {
    resident = undefined
  })
  return child
}

after(async () => {
  if (resident === undefined) return
  const exited = once(resident, 'exit')
  resident.ref()
  resident.disconnect()
  await exited
})

const answered = async (request: Request): Promise<Outcome> => {
  resident ??= started()
  const child = resident
  child.ref()
  child.channel?.ref()
  const abort = new AbortController()
  try {
    child.send(request)
    const ended = once(child, 'exit', abort).then(([status]) => {
      throw new Error(`hark ${request.args.join(' ')} ended the process that others were to use (status ${status})`)
    })
    const [outcome] = (await Promise.race([once(child, 'message', abort), ended])) as [Outcome]
    return outcome
  } finally {
    abort.abort()
    child.unref()
    child.channel?.unref()
  }
}

/**
 * Runs the command to its end as `run` does, but in a process that stays for the next one: nearly all that most commands
 * take is the time to load what they need. They run one after the other; those that are to go on side by side, or are to
 * be ended, need a process each.
 */
export const runResident = (args: readonly string[], { input = '', env = {} }: RunOptions = {}): Promise<Outcome> => {
  const outcome = last.then(() => answered({ args, input, env }))
  last = outcome.catch(() => undefined)
  return outcome
}
