import { z } from 'zod'
import type { EventCategory, EventDefinition } from '../events/definition.ts'
import { namespaceName, resourceName } from './names.ts'

export interface ResourceSchema {
  readonly prefix: `${string}-`
  stream(namespace: string, name: string): string
  /** User input; the output has all defaults. */
  readonly specInput: z.ZodType<object>
  /** By type. `apply` needs `Apply<Kind>`. */
  readonly commands: Readonly<Record<string, z.ZodType>>
  /** Categories of the resource's own events and its router's reports. */
  readonly categories: readonly EventCategory[]
  readonly events: Readonly<Record<string, EventDefinition>>
}

export const command = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), namespace: namespaceName, name: resourceName, ...shape })

export type CommandIn<Commands extends Readonly<Record<string, z.ZodType>>> = z.output<Commands[keyof Commands]>
