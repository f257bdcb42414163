/**
 * The rules of one kind of resource, as pure functions: ids come with the command, and the store sets times and
 * revisions.
 */
export interface Decider<State, Command, Event> {
  readonly initial: State
  /** The events of the command; none if the state is already as requested. Throws HarkError to reject the command. */
  decide(command: Command, state: State): readonly Event[]
  evolve(state: State, event: Event): State
}

/** A command with the uid for the resource that it may create. */
export type WithNewUid<Command> = Command & { readonly newUid: string }

export type ResourceState<Spec> =
  | { readonly exists: false }
  | { readonly exists: true; readonly uid: string; readonly generation: number; readonly spec: Spec }
