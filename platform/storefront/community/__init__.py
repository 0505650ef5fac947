"""What viewers say on a site, as API and as pages: comments, their nicknames and faces, reports of what is broken."""
