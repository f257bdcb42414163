import type { Command } from '../../schemas/commands.ts'
import { badInput, unavailable } from '../../schemas/errors.ts'
import type { CommandAnswer, CommandOptions } from './engine.ts'
import type { RememberedAnswer, ResourceKind, ResourceRow } from './resource-kinds.ts'

/** The resource that a command is about. */
export interface Subject {
  readonly kind: ResourceKind
  readonly stream: string
  readonly command: Command
}

/** A command that waits for its turn at its stream. */
export interface Job extends Subject {
  readonly options: CommandOptions
  /** Answered already, as its time was up: there is nothing left to do for it. */
  readonly isOver: boolean
  /** Its events are in the store, which is said where its time is up. */
  noteAppended(): void
  resolve(answer: CommandAnswer<ResourceRow>): void
  reject(error: unknown): void
}

/** A command that is answered within a time, however many it has to wait for and whatever the store does. */
export const timedJob = (
  subject: Subject,
  options: CommandOptions,
  withinMs: number,
): { readonly job: Job; readonly answer: Promise<CommandAnswer<ResourceRow>> } => {
  const { promise, resolve, reject } = Promise.withResolvers<CommandAnswer<ResourceRow>>()
  let isOver = false
  let isAppended = false
  const late = setTimeout(
    () => over(() => reject(unavailable(isAppended ? NOT_SHOWN : NOT_ANSWERED))),
    withinMs,
  ).unref()
  const over = (answer: () => void): void => {
    isOver = true
    clearTimeout(late)
    answer()
  }
  const job: Job = {
    ...subject,
    options,
    get isOver() {
      return isOver
    },
    noteAppended: () => {
      isAppended = true
    },
    resolve: answer => over(() => resolve(answer)),
    reject: error => over(() => reject(error)),
  }
  return { job, answer: promise }
}

const NOT_SHOWN = 'the event store has the change, but does not deliver it: ask again'
const NOT_ANSWERED = 'the event store did not answer in time: try again'

/** Whether what the read side shows has a part in how a command is answered. */
export const asksReadSide = ({ options }: Job): boolean =>
  options.commandId !== undefined || options.expectedResourceVersion !== undefined

/** A command that was done before is answered as it was then. */
export const answerAgain = (job: Job, { stream, position, uid, eventType, row }: RememberedAnswer): void => {
  if (stream !== job.stream) {
    const message = `${JSON.stringify(job.options.commandId)} is the id of another command: give each its own`
    job.reject(badInput([{ path: 'commandId', message }]))
  } else job.resolve({ position, uid, ...(eventType && { eventType }), ...(row && { row }) })
}
