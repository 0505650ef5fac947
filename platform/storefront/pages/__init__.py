"""The pages that viewers see: handlers, the view models of their templates, pictures and the site's own small files."""
