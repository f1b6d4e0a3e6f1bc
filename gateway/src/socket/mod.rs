//! One joined Socket.IO socket.
