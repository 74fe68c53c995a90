# tools: its part of the one makefile.
