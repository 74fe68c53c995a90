# templates: its part of the one makefile.
