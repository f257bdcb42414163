import type { Command } from '../../../schemas/commands.ts'
import { HarkError } from '../../../schemas/errors.ts'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import { connectorStream, listenerStream, siteStream } from '../../../schemas/events/streams.ts'
import { multiKeyListenerResource } from '../../../schemas/resources/multi-key-listener.ts'
import { connector } from '../../../src/domain/connector.ts'
import type { Decider, WithNewUid } from '../../../src/domain/decider.ts'
import { listener } from '../../../src/domain/listener.ts'
import { multiKeyListener } from '../../../src/domain/multi-key-listener.ts'
import { site } from '../../../src/domain/site.ts'

type AnyDecider = Decider<unknown, WithNewUid<Command>, DomainEvent>

const resourceOf = ({ type, namespace, name }: Command): { decider: AnyDecider; stream: string } => {
  switch (type) {
    case 'ApplySite':
      return { decider: site as unknown as AnyDecider, stream: siteStream(namespace) }
    case 'CreateConnector':
    case 'UpdateConnector':
    case 'ApplyConnector':
    case 'DeleteConnector':
      return { decider: connector as unknown as AnyDecider, stream: connectorStream(namespace, name) }
    case 'CreateMultiKeyListener':
    case 'UpdateMultiKeyListener':
    case 'ApplyMultiKeyListener':
    case 'DeleteMultiKeyListener':
      return {
        decider: multiKeyListener as unknown as AnyDecider,
        stream: multiKeyListenerResource.stream(namespace, name),
      }
    default:
      return { decider: listener as unknown as AnyDecider, stream: listenerStream(namespace, name) }
  }
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
