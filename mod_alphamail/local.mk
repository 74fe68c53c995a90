# mod_alphamail: its part of the one makefile.
