"""What a report shows: the key image of each hip with what was marked on it."""
