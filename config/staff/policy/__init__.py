"""What may flow, as privacy staff write it: the rules in force, drafts of them, and what those would do."""
