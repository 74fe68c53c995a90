# Faults and bad input as a user meets them: the whole stack, through a browser without script.
EXTRA_DIST += t/4000-server-faults.t t/4010-kills.t t/4020-hostile-text.t
