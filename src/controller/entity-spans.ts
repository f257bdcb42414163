import { RESOURCES } from '../../schemas/resources/registry.ts'
import { MANAGED_TYPES, ownerOf } from '../../schemas/router-entities.ts'
import type { LiveReadModels } from '../engine/engine.ts'
import type { Clock } from '../lib/clock.ts'
import { createLru } from '../lib/lru.ts'
import type { Management } from '../router/amqp/management.ts'
import { inSpan, type Span, type Tracer } from '../telemetry/tracing.ts'
import { managementType } from './entities/managed-entity.ts'

const MOST_REMEMBERED = 1000
/** Later requests repair what has drifted, and do not belong to the trace of the last change. */
const WITHIN_MS = 30_000

const SHORT_TYPES = new Map<string, string>(MANAGED_TYPES.map(type => [managementType(type), type]))

export class EntitySpans {
  readonly #tracer: Tracer
  readonly #clock: Pick<Clock, 'now'>
  readonly #changed = createLru<string, { readonly traceparent: string; readonly at: number }>(MOST_REMEMBERED)

  constructor(tracer: Tracer, readModels: Pick<LiveReadModels, 'onProjected'>, clock: Pick<Clock, 'now'>) {
    this.#tracer = tracer
    this.#clock = clock
    readModels.onProjected(({ event: { stream, metadata } }) => {
      const { traceparent } = metadata
      if (traceparent !== undefined) this.#changed.set(stream, { traceparent, at: clock.now() })
    })
  }

  traced(namespace: string, management: Management): Management {
    const start = (operation: string, type: string, name: string): Span | undefined => {
      const short = SHORT_TYPES.get(type) ?? type
      const owner = ownerOf(short, name)
      const changed = owner && this.#changed.get(RESOURCES[owner.kind].stream(namespace, owner.name))
      if (changed === undefined || this.#clock.now() - changed.at > WITHIN_MS) return undefined
      const attributes = { 'hark.namespace': namespace, 'hark.entity': name }
      return this.#tracer.start(`${operation} ${short}`, 'client', attributes, changed)
    }
    return {
      query: (type, attributeNames) => management.query(type, attributeNames),
      create: (type, name, attributes) =>
        inSpan(start('router create', type, name), management.create(type, name, attributes)),
      update: (type, name, attributes) =>
        inSpan(start('router update', type, name), management.update(type, name, attributes)),
      delete: (type, name) => inSpan(start('router delete', type, name), management.delete(type, name)),
    }
  }
}
