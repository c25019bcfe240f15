"""Rules and assessment: a consequence on a measured structure to three answers with their evidence."""
