"""Reading comics over HTTP, on the site, in the API and in reader apps."""
