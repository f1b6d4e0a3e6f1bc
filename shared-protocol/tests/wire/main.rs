//! The codecs from outside: against golden bytes, against other implementations, and against anything at all.

mod agreement;
mod golden;
mod identity;
mod robustness;
mod values;
