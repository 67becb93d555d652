"""Results that other tools wrote, read into records, so that everything of ours works on them without a GPU."""
