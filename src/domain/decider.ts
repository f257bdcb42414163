/**
 * What may happen to one kind of resource. Both functions are pure: what a decision needs of ids comes with the command,
 * and when it happened is the store's to say.
 */
export interface Decider<State, Command, Event> {
  readonly initial: State
  /** The events that the command brings about, none where it asks for what is. Throws HarkError where it may not be. */
  decide(command: Command, state: State): readonly Event[]
  evolve(state: State, event: Event): State
}

/** A command with the uid that a resource gets if the command creates one. */
export type WithNewUid<Command> = Command & { readonly newUid: string }

/** A resource that exists, or the absence of one. */
export type ResourceState<Spec> =
  | { readonly exists: false }
  | { readonly exists: true; readonly uid: string; readonly generation: number; readonly spec: Spec }
