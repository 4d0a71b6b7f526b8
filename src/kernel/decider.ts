/**
 * The shape of a rule: `decide` says what follows from a command in a state, `reduce` folds what happened.
 * Both are pure and synchronous; times and ids come in the command.
 */
export interface Decider<State, Command, Event> {
  readonly initial: State;
  decide(state: State, command: Command): readonly Event[];
  reduce(state: State, event: Event): State;
}
