import { type Command, kindOfCommand } from '../../../schemas/commands.ts'
import { HarkError } from '../../../schemas/errors.ts'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import type { Kind } from '../../../schemas/resources/kinds.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import { connector } from '../../../src/domain/connector.ts'
import type { Decider, WithNewUid } from '../../../src/domain/decider.ts'
import { listener } from '../../../src/domain/listener.ts'
import { withMetadata } from '../../../src/domain/metadata.ts'
import { multiKeyListener } from '../../../src/domain/multi-key-listener.ts'
import { site } from '../../../src/domain/site.ts'

type AnyDecider = Decider<unknown, WithNewUid<Command>, DomainEvent>

const DECIDERS: Readonly<Record<Kind, unknown>> = {
  Listener: listener,
  Connector: connector,
  MultiKeyListener: multiKeyListener,
  Site: site,
}

const resourceOf = ({ type, namespace, name }: Command): { decider: AnyDecider; stream: string } => {
  const kind = kindOfCommand(type)
  return { decider: withMetadata(kind, DECIDERS[kind] as AnyDecider), stream: RESOURCES[kind].stream(namespace, name) }
}

/** The states of all resources, changed by commands. */
export class World {
  readonly #states = new Map<string, unknown>()
  #uids = 0

  /** The events of a command; none if it is rejected or changes nothing. */
  run(command: Command): { readonly stream: string; readonly events: readonly DomainEvent[] } {
    const { decider, stream } = resourceOf(command)
    const before = this.#states.get(stream) ?? decider.initial
    const events = this.#decide(decider, command, before)
    this.#states.set(stream, events.reduce(decider.evolve, before))
    return { stream, events }
  }

  #decide(decider: AnyDecider, command: Command, state: unknown): readonly DomainEvent[] {
    this.#uids += 1
    try {
      return decider.decide({ ...command, newUid: `uid-${this.#uids}` }, state)
    } catch (error) {
      if (error instanceof HarkError) return []
      throw error
    }
  }
}
