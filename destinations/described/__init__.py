"""A call that settings describe instead of code: where it goes, what it says, what a yes looks like. Pure."""
