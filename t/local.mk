# t: its part of the one makefile.
