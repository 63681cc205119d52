//! What can be wrong with a definition. Every flaw is reported at once, so that whoever edits a workflow mends it in one go.

/// Why a definition was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// Not TOML, or not of this shape.
    #[error("workflow definition: {0}")]
    Toml(String),
    /// The complete list of what is wrong.
    #[error("workflow definition {id}: {}", .flaws.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unsound {
        /// The definition's id.
        id: String,
        /// Every flaw found.
        flaws: Vec<Flaw>,
    },
}

/// One thing wrong with a definition. Names are those of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Names are lower-case letters, digits and hyphens, beginning with a letter: they become catalogue keys.
    #[error("{0:?} is not a name (a-z, 0-9, hyphen)")]
    Name(String),
    /// Two of the same name, or the same entry twice in a list.
    #[error("{0} is given twice")]
    Twice(String),
    /// A reference to a state that is not declared.
    #[error("{at}: unknown state {state}")]
    UnknownState {
        /// Where.
        at: String,
        /// The name.
        state: String,
    },
    /// A reference to a role that is not declared.
    #[error("{at}: unknown role {role}")]
    UnknownRole {
        /// The action.
        at: String,
        /// The name.
        role: String,
    },
    /// A reference to an action that is not declared.
    #[error("{at}: unknown action {action}")]
    UnknownAction {
        /// Where.
        at: String,
        /// The name.
        action: String,
    },
    /// A guard on a fact that is not declared, or that it cannot compare.
    #[error("{at}: guard on {fact} does not fit a declared fact")]
    Guard {
        /// The action.
        at: String,
        /// The fact.
        fact: String,
    },
    /// An effect that is not one of the known, or that names no declared time limit.
    #[error("{at}: unknown effect {effect}")]
    UnknownEffect {
        /// The action.
        at: String,
        /// The text of the effect.
        effect: String,
    },
    /// An action that nobody may do, or from nowhere.
    #[error("{0} needs at least one actor and one state it starts from")]
    Idle(String),
    /// Every update of a case compares its version.
    #[error("{0} must require the version")]
    NoVersion(String),
    /// The first state is a draft that grants nothing.
    #[error("the initial state must be a draft")]
    Initial,
    /// Two actions do the same.
    #[error("{0} and {1} are the same transition")]
    SameTransition(String, String),
    /// No way leads to this state.
    #[error("state {0} cannot be reached")]
    Unreachable(String),
    /// No end can be reached from this state, and it is none itself.
    #[error("state {0} is a dead end but not final")]
    DeadEnd(String),
    /// Something can be done in a state that is an end.
    #[error("{action}: leaves the final state {state}")]
    LeavesFinal {
        /// The action.
        action: String,
        /// The final state.
        state: String,
    },
    /// **No approval by time-out**: the system may not bring a case into a state that grants anything.
    #[error("{0}: the system may not approve or file")]
    SystemGrants(String),
    /// Only officials approve.
    #[error("{0}: only officials may approve")]
    ApplicantApproves(String),
    /// A document is issued by an action that does not lead to the state that grants it.
    #[error("{0}: issues a document without the state that grants it")]
    IssueWithoutGrant(String),
    /// A time limit of no days, or whose `starts-with` differs from the effects.
    #[error("deadline {0}: starts-with must list the actions that start it, and it needs a length")]
    Deadline(String),
    /// The action of a lapse is not the system's alone, or cannot be done wherever the limit runs.
    #[error("deadline {deadline}: {action} must be the system's and possible in {state}")]
    Lapse {
        /// The time limit.
        deadline: String,
        /// The action.
        action: String,
        /// Where the limit may run out.
        state: String,
    },
    /// The clock runs while the applicant has to act, or is paused while the authority has to, or is open at the end.
    #[error("state {0}: the clock does not suit its kind")]
    ClockOfKind(String),
    /// An action moves a clock in a way its position does not allow (starting twice, resuming what runs…).
    #[error("{action}: clock {deadline} cannot be moved so in {state}")]
    ClockMove {
        /// The action.
        action: String,
        /// The time limit.
        deadline: String,
        /// The state from which.
        state: String,
    },
    /// A case can come to this state with its clocks in another position than the state says.
    #[error("{action}: comes to {state} with the clock in another position than declared")]
    ClockOfState {
        /// The action.
        action: String,
        /// The state.
        state: String,
    },
}
