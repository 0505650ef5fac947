"""The legal pages of every site: who answers for it, what it stores of whom, and where notices go."""
