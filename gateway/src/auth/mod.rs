//! Cookie → session → principal, and the recheck of live sessions.
