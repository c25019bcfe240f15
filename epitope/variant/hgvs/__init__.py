"""The HGVS engine: text to `Consequence` on the transcript of a target. Reads no files."""
