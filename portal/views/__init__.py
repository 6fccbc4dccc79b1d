"""The doors for patients: parse, call, answer."""
