"""What persons do to a report that was made: sign it, add to it; each makes a new version beside the old.

versions    a folder with one version of a report, read back whole and found unchanged
signing     the next version: what may be signed by whom, and what the person decides
amendment   the next version with another content: what was changed, and why
history     the versions in folders, in their order
publication the files of a version, as far as there are images to show
succession  which version takes the place of which, so that none has two successors
"""
