import { z } from 'zod'
import type { EventCategory, EventDefinition } from '../events/definition.ts'
import { namespaceName, resourceName } from './names.ts'

/** The contract of one kind of resource: its stream, manifest, commands and events. */
export interface ResourceSchema {
  /** Of its streams. */
  readonly prefix: `${string}-`
  stream(namespace: string, name: string): string
  /** The spec as people write it; its output has every default. */
  readonly specInput: z.ZodType<object>
  /** By type. `Apply<Kind>` is required: it is what `apply` makes of a manifest. */
  readonly commands: Readonly<Record<string, z.ZodType>>
  /** Of the events about one resource: its own, and what its router reports. */
  readonly categories: readonly EventCategory[]
  /** By type. */
  readonly events: Readonly<Record<string, EventDefinition>>
}

export const command = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), namespace: namespaceName, name: resourceName, ...shape })

export type CommandIn<Commands extends Readonly<Record<string, z.ZodType>>> = z.output<Commands[keyof Commands]>
