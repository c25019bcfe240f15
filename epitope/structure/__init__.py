"""Files to `Complex`: read, clean, number, fetch."""
