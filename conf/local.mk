# conf: its part of the one makefile.
