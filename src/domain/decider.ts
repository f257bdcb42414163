/** Commands supply ids; the store assigns times and revisions. */
export interface Decider<State, Command, Event> {
  readonly initial: State
  /**
   * Returns no events if the state is already as requested.
   *
   * @throws HarkError to reject the command
   */
  decide(command: Command, state: State): readonly Event[]
  evolve(state: State, event: Event): State
}

export type WithNewUid<Command> = Command & { readonly newUid: string }

export type ResourceState<Spec> =
  | { readonly exists: false }
  | { readonly exists: true; readonly uid: string; readonly generation: number; readonly spec: Spec }
