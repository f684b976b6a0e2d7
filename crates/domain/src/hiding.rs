//! What a community that shares a thread hides of it from its own readers: a reply, or all of them.
//!
//! Nothing is altered by it, and nobody elsewhere is told. Whoever also comes to the thread by a community that does not
//! hide the reply reads it; its home hides nothing.

/// How somebody stands to a reply that communities hide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Onlooker {
    /// Whether they wrote the reply or its thread, or the reply addresses or answers them.
    pub is_party: bool,
    /// Whether they moderate a community that hides it.
    pub moderates: bool,
    /// Of each community by which they come to the thread: whether it hides the reply.
    pub ways: Vec<bool>,
}

/// How a reply is shown to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    /// As it is.
    Plain,
    /// As it is, and that it is hidden from others.
    Marked,
    /// Not at all.
    Hidden,
}

/// Decides how a reply is shown to somebody.
pub fn decide_showing(onlooker: &Onlooker) -> Showing {
    if onlooker.moderates {
        return Showing::Marked;
    }
    let is_hidden = !onlooker.ways.is_empty() && onlooker.ways.iter().all(|hides| *hides);
    if is_hidden && !onlooker.is_party { Showing::Hidden } else { Showing::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(ways: &[bool]) -> Onlooker {
        Onlooker { ways: ways.to_vec(), ..Onlooker::default() }
    }

    #[test]
    fn a_reply_is_hidden_where_every_community_by_which_a_reader_comes_hides_it() {
        assert_eq!(decide_showing(&by(&[true])), Showing::Hidden);
        assert_eq!(decide_showing(&by(&[true, true])), Showing::Hidden);
        assert_eq!(decide_showing(&by(&[true, false])), Showing::Plain);
        assert_eq!(decide_showing(&by(&[])), Showing::Plain, "nobody hides it");
    }

    #[test]
    fn whom_a_reply_concerns_reads_it_and_its_moderators_see_that_it_is_hidden() {
        assert_eq!(decide_showing(&Onlooker { is_party: true, ..by(&[true]) }), Showing::Plain);
        assert_eq!(decide_showing(&Onlooker { moderates: true, ..by(&[true]) }), Showing::Marked);
        assert_eq!(
            decide_showing(&Onlooker { moderates: true, is_party: true, ..by(&[true]) }),
            Showing::Marked
        );
    }
}
