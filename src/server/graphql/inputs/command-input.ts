import type { z } from 'zod'
import { type Command, commands } from '../../../../schemas/commands.ts'
import { badUserInput } from '../../../../schemas/errors.ts'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { parsePosition } from '../../../../schemas/events/recorded-event.ts'
import { type Issue, mismatch, toIssues } from '../../../../schemas/validation.ts'
import { type Optional, omitNulls } from './omit-nulls.ts'

const MAX_COMMAND_ID = 200

/** What a text stands for that is no position: no resource is ever there. */
const NEVER: Position = -1

/** The input of any mutation that is a command, as GraphQL has checked it. */
export interface CommandInput {
  readonly namespace: string
  readonly name: string
  readonly spec?: object
  readonly expectedResourceVersion?: Optional<string>
  readonly commandId?: Optional<string>
}

export interface CommandRequest<Type extends Command['type']> {
  readonly command: Command & { readonly type: Type }
  readonly commandId?: string | undefined
  readonly expectedResourceVersion?: Position | undefined
}

export const commandIdFaults = (commandId: string | undefined): readonly Issue[] => {
  if (commandId === undefined || (commandId.length >= 1 && commandId.length <= MAX_COMMAND_ID)) return []
  return [
    { path: 'commandId', message: mismatch(commandId, `a command id (1 to ${MAX_COMMAND_ID} characters)`, 'string') },
  ]
}

/** Reads a command from a mutation's input; BAD_USER_INPUT tells every fault at once. */
export const readCommand = <Type extends Command['type']>(type: Type, input: CommandInput): CommandRequest<Type> => {
  const { commandId, expectedResourceVersion, ...body } = omitNulls(input)
  const schema = commands[type] as unknown as z.ZodType<Command & { readonly type: Type }>
  const parsed = schema.safeParse({ type, ...body, ...(body.spec && { spec: omitNulls(body.spec) }) })
  const faults = commandIdFaults(commandId)
  if (!parsed.success) throw badUserInput([...toIssues(parsed.error), ...faults])
  if (faults.length > 0) throw badUserInput(faults)
  return {
    command: parsed.data,
    commandId,
    expectedResourceVersion:
      expectedResourceVersion === undefined ? undefined : (parsePosition(expectedResourceVersion) ?? NEVER),
  }
}
