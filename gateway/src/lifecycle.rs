//! Signals, tracked tasks, drain.
