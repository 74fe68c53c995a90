# doc: its part of the one makefile.
