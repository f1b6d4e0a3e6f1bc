//! The only place that wires.
