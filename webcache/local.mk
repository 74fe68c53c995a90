# webcache: its part of the one makefile.
