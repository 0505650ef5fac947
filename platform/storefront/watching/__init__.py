"""The watch page: a film or an episode, what follows it, and what other players there are."""
