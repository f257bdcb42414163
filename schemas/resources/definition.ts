import { z } from 'zod'
import type { ResourceEventDefinition } from '../events/definition.ts'
import { flag, namespaceName, resourceName } from './names.ts'

export interface ResourceSchema {
  readonly prefix: `${string}-`
  stream(namespace: string, name: string): string
  /** User input; the output has all defaults. */
  readonly specInput: z.ZodType<object>
  /** Keyed by type. `apply` needs `Apply<Kind>`. */
  readonly commands: Readonly<Record<string, z.ZodType>>
  readonly events: Readonly<Record<string, ResourceEventDefinition>>
  readonly reports: Readonly<Record<string, ResourceEventDefinition>>
}

export const command = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), namespace: namespaceName, name: resourceName, ...shape })

/** With `replace`, a resource whose change cannot be made is deleted and created again. */
export const applyCommand = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  command(type, { ...shape, replace: flag.optional() })

export type CommandIn<Commands extends Readonly<Record<string, z.ZodType>>> = z.output<Commands[keyof Commands]>
