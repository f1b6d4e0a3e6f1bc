//! Messages: written in batches, read in pages.
