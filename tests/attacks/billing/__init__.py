"""What somebody who wants money, or somebody else's, tries at what billing shows over HTTP."""
