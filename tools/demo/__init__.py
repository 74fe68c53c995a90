# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: options, set-up and the supervisor of its servers. Called by ./bootstrap demo."""
