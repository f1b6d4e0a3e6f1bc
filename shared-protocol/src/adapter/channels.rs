//! Names of the Redis channels of one namespace (spec §3).

/// The channels of one namespace under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    namespace: String,
    broadcast: String,
    pattern: String,
    request: String,
    response: String,
}

/// What a broadcast channel says about the sockets that its messages are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// The whole namespace, or several rooms: the envelope tells.
    Namespace,
    /// Exactly this room; without a member here the message need not even be decoded.
    Room(&'a str),
}

impl Channels {
    /// The channels of `namespace`, with its slash, under the adapter's option `key`.
    pub fn new(key: &str, namespace: &str) -> Self {
        let broadcast = format!("{key}#{namespace}#");
        let pattern = escape_glob(&broadcast) + "*";
        Self {
            pattern,
            request: format!("{key}-request#{namespace}#"),
            response: format!("{key}-response#{namespace}#"),
            namespace: namespace.to_owned(),
            broadcast,
        }
    }

    /// The namespace, with its slash.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// For PSUBSCRIBE: every broadcast channel.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// For SUBSCRIBE: requests. Exact, because who asks counts the subscribers of this name and waits for as many
    /// answers.
    pub fn request(&self) -> &str {
        &self.request
    }

    /// For PUBLISH: answers, to every Node process.
    pub fn response(&self) -> &str {
        &self.response
    }

    /// For PUBLISH: answers to the one process that asked.
    pub fn response_to(&self, uid: &str) -> String {
        format!("{}{uid}#", self.response)
    }

    /// Whom a message on this channel is for; `None` if it is no broadcast channel of this namespace.
    ///
    /// A room may contain `#`, and so may a namespace: the envelope has to be asked for its namespace in any case.
    pub fn target<'a>(&self, channel: &'a str) -> Option<Target<'a>> {
        match channel.strip_prefix(&self.broadcast)? {
            "" => Some(Target::Namespace),
            room => room.strip_suffix('#').map(Target::Room),
        }
    }
}

/// A name in which Redis finds nothing to expand.
fn escape_glob(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len() + 1);
    for character in name.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_stock_adapter() {
        let channels = Channels::new("socket.io", "/chat");
        assert_eq!(channels.namespace(), "/chat");
        assert_eq!(channels.pattern(), "socket.io#/chat#*");
        assert_eq!(channels.request(), "socket.io-request#/chat#");
        assert_eq!(channels.response(), "socket.io-response#/chat#");
        assert_eq!(channels.response_to("U81EJi"), "socket.io-response#/chat#U81EJi#");
        assert_eq!(Channels::new("a*[b]", "/c?").pattern(), r"a\*\[b\]#/c\?#*");
    }

    #[test]
    fn channel_names_its_room() {
        let cases = [
            ("socket.io#/chat#", Some(Target::Namespace)),
            ("socket.io#/chat#r1#", Some(Target::Room("r1"))),
            ("socket.io#/chat#42#", Some(Target::Room("42"))),
            ("socket.io#/chat#a#b#", Some(Target::Room("a#b"))),
            ("socket.io#/chat##", Some(Target::Room(""))),
            ("socket.io#/chat#r1", None),
            ("socket.io#/chat", None),
            ("socket.io#/chatter#r1#", None),
            ("socket.io-request#/chat#", None),
            ("", None),
        ];
        let channels = Channels::new("socket.io", "/chat");
        for (channel, target) in cases {
            assert_eq!(channels.target(channel), target, "{channel}");
        }
    }
}
