//! Cases of the decoder and of frames, as the spec lists them.

mod decoding;
mod frames;
