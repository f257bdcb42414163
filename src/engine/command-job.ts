import type { Command } from '../../schemas/commands.ts'
import { badInput } from '../../schemas/errors.ts'
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
  resolve(answer: CommandAnswer<ResourceRow>): void
  reject(error: unknown): void
}

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
