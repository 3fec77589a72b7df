"""`scoreboard events`: the history that every score is made of."""
