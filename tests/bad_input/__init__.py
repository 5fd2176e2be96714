"""What is wrong with the input, and the one line that says so."""
