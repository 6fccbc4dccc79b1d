"""A small clinic's website that wears the banner, with tags of nobody that show whether they ran."""
