import { randomUUID } from 'node:crypto'
import type { Command } from '../../../schemas/commands.ts'
import { conflict } from '../../../schemas/errors.ts'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../../schemas/events/recorded-event.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { type Endpoint, kindOf } from './resource-registry.ts'
import type { StreamState, StreamStates } from './stream-state.ts'

/** A command, and what its caller knows of the resource that it is to change. */
export interface Wish {
  readonly command: Command
  readonly uid?: string | undefined
  /** The spec must not have changed since; status may have. */
  readonly since?: Position | undefined
}

/** What a command would bring about. */
export interface Foreseen {
  readonly events: readonly DomainEvent[]
  /** The endpoint of its resource before it and after it. */
  readonly from?: Endpoint | undefined
  readonly to?: Endpoint | undefined
  /** Where its caller knows something of the resource: the revision of the stream at which that was found to hold. */
  readonly revision?: number | undefined
}

export type Preview = Foreseen | { readonly refusal: unknown }

const knowsSomething = ({ uid, since }: Wish): boolean => uid !== undefined || since !== undefined

/** Tells what commands would bring about, and brings nothing about. */
export class Previews {
  readonly #states: StreamStates
  readonly #models: ReadModels

  constructor(states: StreamStates, models: ReadModels) {
    this.#states = states
    this.#models = models
  }

  /** Of wishes for one resource, each after those before it, up to the first that would be refused. */
  async of(wishes: readonly Wish[]): Promise<readonly Preview[]> {
    const { command } = wishes[0] as Wish
    const kind = kindOf(command.type)
    const subject = { kind, stream: kind.stream(command), command }
    const known = await this.#states.load(subject)
    if (!wishes.some(knowsSomething)) {
      const previews = this.#decide(wishes, known)
      if (!previews.some(preview => 'refusal' in preview)) return previews
    }
    // Rows may be behind: nobody is refused for what is no longer so.
    return this.#decide(wishes, await this.#states.makeCertain(subject, known))
  }

  #decide(wishes: readonly Wish[], known: StreamState): readonly Preview[] {
    const previews: Preview[] = []
    let { state, revision } = known
    for (const wish of wishes) {
      const { command } = wish
      const kind = kindOf(command.type)
      try {
        if (knowsSomething(wish)) this.#check(wish, { ...known, state }, revision !== known.revision)
        const events = kind.decider.decide({ ...command, newUid: randomUUID() }, state)
        const after = events.reduce<unknown>(kind.decider.evolve, state)
        previews.push({
          events,
          from: kind.endpoint(command.namespace, state),
          to: kind.endpoint(command.namespace, after),
          ...(knowsSomething(wish) && { revision }),
        })
        state = after
        revision += events.length
      } catch (refusal) {
        previews.push({ refusal })
        break
      }
    }
    return previews
  }

  /** What is not there is created: nobody's change is lost by that. */
  #check({ command, uid, since }: Wish, { state, position }: StreamState, hasChanged: boolean): void {
    const kind = kindOf(command.type)
    const current = kind.uid(state)
    if (current === undefined) return
    const version = kind.row(this.#models, command.namespace, command.name)?.resourceVersion ?? position
    const isStale = since !== undefined && (hasChanged || since < position || since > version)
    if (isStale || (uid !== undefined && uid !== current))
      throw conflict(kind.kind, command.name, formatPosition(version))
  }
}
